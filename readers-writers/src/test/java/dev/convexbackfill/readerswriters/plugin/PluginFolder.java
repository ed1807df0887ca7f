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
package dev.convexbackfill.readerswriters.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** A folder of jars, each compiled from a source as somebody else would write it. */
final class PluginFolder {

    private final Path folder;

    PluginFolder(Path folder) {
        this.folder = folder;
    }

    Path path() {
        return folder;
    }

    /** Adds a jar with a plugin whose transformer has {@code body} as its method {@code transform}. */
    PluginFolder with(String className, String pluginName, String body) throws IOException {
        Path classes = Files.createTempDirectory(folder, className);
        Path source = Files.writeString(classes.resolve(className + ".java"), """
                import dev.convexbackfill.client.value.*;
                import dev.convexbackfill.plugin.*;
                import java.util.*;
                public final class %s implements TransformerProvider {
                    public String name() {
                        return "%s";
                    }
                    public DocumentTransformer open(ConvexObject settings) {
                        if (settings.has("wrong")) {
                            throw new IllegalArgumentException("'wrong' is wrong");
                        }
                        return documents -> {
                            %s
                        };
                    }
                }
                """.formatted(className, pluginName, body));
        compile(source, classes);
        Path services = Files.createDirectories(classes.resolve("META-INF/services"));
        Files.writeString(services.resolve("dev.convexbackfill.plugin.TransformerProvider"), className);
        pack(classes, folder.resolve(className + ".jar"));
        return this;
    }

    private static void compile(Path source, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean done = compiler.getTask(messages, files, null,
                    List.of("-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path")), null,
                    files.getJavaFileObjects(source)).call();
            assertThat(done).describedAs(messages.toString()).isTrue();
        }
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                packed.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, packed);
            }
        }
    }
}
