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
package dev.convexbackfill.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A Convex app in a folder of a test. Its packages are those of the TypeScript functions. */
public final class ConvexApp {

    private final Path folder;

    private ConvexApp(Path folder) {
        this.folder = folder;
    }

    /** An app without functions. Ends the test where there is no Node; {@code what} names what is left out then. */
    public static ConvexApp in(Path folder, String what) {
        NodeProject packages = NodeProject.in("convex", what);
        try {
            Files.createDirectories(folder.resolve("convex"));
            Files.createSymbolicLink(folder.resolve("node_modules"), packages.folder().resolve("node_modules"));
            return new ConvexApp(folder);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Adds a file to the functions. */
    public ConvexApp with(String path, String content) {
        try {
            Path file = folder.resolve("convex").resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
            return this;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Adds a copy of a file, or of what is in a folder, of the checkout. */
    public ConvexApp withCopy(String fromCheckout) {
        Path source = Repository.root().resolve(fromCheckout);
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String path = file.equals(source) ? source.getFileName().toString()
                        : source.relativize(file).toString();
                with(path, Files.readString(file));
            }
            return this;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Deletes it, and no package. */
    public void delete() {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public Path folder() {
        return folder;
    }
}
