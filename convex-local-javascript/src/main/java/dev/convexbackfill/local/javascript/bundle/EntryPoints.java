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
package dev.convexbackfill.local.javascript.bundle;

import dev.convexbackfill.local.app.AppRefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The modules of a folder that are deployed, by the rules of Convex's command line. Source: {@code entryPoints} in
 * {@code src/bundler/index.ts} of the npm package {@code convex}.
 *
 * @param functions relative paths
 * @param forNode   those with {@code "use node"}
 * @param schema    null if there is none
 */
record EntryPoints(List<String> functions, List<String> forNode, @Nullable String schema) {

    private static final List<String> EXTENSIONS = List.of(".js", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts",
            ".jsx");
    private static final Set<String> SCHEMAS = Set.of("schema.ts", "schema.js");
    private static final Set<String> NEVER_FOR_NODE = Set.of("http", "crons");
    private static final Pattern MODULE = Pattern.compile("(?m)^\\s{0,100}(import|export)");

    EntryPoints {
        functions = List.copyOf(functions);
        forNode = List.copyOf(forNode);
    }

    /** Throws {@link AppRefusedException} for what Convex refuses. */
    static EntryPoints of(Path folder) {
        List<String> functions = new ArrayList<>();
        List<String> forNode = new ArrayList<>();
        walk(folder, folder, file -> {
            String path = folder.relativize(file).toString().replace('\\', '/');
            if (path.startsWith("_deps/")) {
                throw new AppRefusedException(
                        "The path '%s' is within the '_deps' folder, which is reserved for dependencies. Please move your code to another folder."
                                .formatted(path));
            }
            if (isEntryPoint(path)) {
                String source = read(file);
                if (Directives.hasUseNode(source)) {
                    requireNotNode(path);
                    forNode.add(path);
                } else if (isModule(path, source)) {
                    functions.add(path);
                }
            }
        });
        String schema = SCHEMAS.stream().sorted(Comparator.reverseOrder())
                .filter(name -> Files.isRegularFile(folder.resolve(name))).findFirst().orElse(null);
        return new EntryPoints(functions, forNode, schema);
    }

    private interface Visitor {

        void visit(Path file);
    }

    private static void walk(Path root, Path folder, Visitor visitor) {
        // a folder with it is a component, which is deployed in another way; the app itself may have one
        if (!folder.equals(root) && Files.exists(folder.resolve("convex.config.ts"))) {
            return;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.sorted().toList()) {
                if (Files.isSymbolicLink(entry)) {
                    continue;
                }
                if (Files.isDirectory(entry)) {
                    walk(root, entry, visitor);
                } else {
                    visitor.visit(entry);
                }
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static boolean isEntryPoint(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return EXTENSIONS.stream().anyMatch(path::endsWith)
                && !path.startsWith("_generated/")
                && !name.startsWith(".") && !name.startsWith("#")
                && !SCHEMAS.contains(name)
                && name.indexOf('.') == name.lastIndexOf('.')
                && !path.contains(" ");
    }

    private static boolean isModule(String path, String source) {
        boolean isTypeScript = path.endsWith(".ts") || path.endsWith(".tsx");
        return !isTypeScript || MODULE.matcher(source).find();
    }

    private static void requireNotNode(String path) {
        String name = path.substring(0, path.lastIndexOf('.'));
        if (NEVER_FOR_NODE.contains(name)) {
            throw new AppRefusedException("\"use node\" directive is not allowed for '%s'.".formatted(path));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("'%s' can't be read".formatted(file), unreadable);
        }
    }
}
