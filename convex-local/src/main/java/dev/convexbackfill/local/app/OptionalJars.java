/*
 * Copyright 2026 the convex-backfill authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance with
 * the License. You may obtain a copy of the License at https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed on
 * an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for the
 * specific language governing permissions and limitations under the License.
 */
package dev.convexbackfill.local.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds what runs JavaScript: on the class path, or in a folder beside the program, so that most starts need not load it. */
public final class OptionalJars {

    /** Names another folder than the one beside the program. */
    public static final String FOLDER_PROPERTY = "backfill.javascript";
    /** What to do if it is not there. */
    public static final String ADVICE = "Build it with 'mvn -Dquick -DskipTests package', or name its folder with -D%s=DIR."
            .formatted(FOLDER_PROPERTY);

    private static final String FOLDER = "javascript";
    /** They stay open as long as the process: classes are loaded as they are needed, and once for all who need them. */
    private static final Map<Path, ClassLoader> LOADERS = new ConcurrentHashMap<>();

    private OptionalJars() {}

    /**
     * The first service of that kind; empty if there is none.
     *
     * @param program a class of the program, whose jar lies beside the folder
     */
    public static <T> Optional<T> find(Class<T> service, Class<?> program) {
        Optional<T> found = ServiceLoader.load(service, program.getClassLoader()).findFirst();
        return found.isPresent() ? found : loader(folder(program), program.getClassLoader())
                .flatMap(loader -> ServiceLoader.load(service, loader).findFirst());
    }

    private static Optional<ClassLoader> loader(Path folder, ClassLoader parent) {
        List<Path> jars = jars(folder);
        return jars.isEmpty() ? Optional.empty() : Optional.of(LOADERS.computeIfAbsent(folder.toAbsolutePath(),
                _ -> new URLClassLoader(FOLDER, jars.stream().map(OptionalJars::url).toArray(URL[]::new), parent)));
    }

    /** Where they lie, or should. */
    public static Path folder(Class<?> program) {
        String named = System.getProperty(FOLDER_PROPERTY);
        return named != null ? Path.of(named) : home(program).resolve(FOLDER);
    }

    /** Where the jar, or the folder of classes, lies. */
    private static Path home(Class<?> program) {
        CodeSource source = program.getProtectionDomain().getCodeSource();
        @Nullable
        Path parent = source == null ? null : Path.of(URI.create(source.getLocation().toString())).getParent();
        return parent == null ? Path.of("") : parent;
    }

    private static List<Path> jars(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
