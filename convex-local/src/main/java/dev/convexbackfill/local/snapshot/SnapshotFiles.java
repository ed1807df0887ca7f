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
package dev.convexbackfill.local.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of exports and imports: in the deployment's directory, or in one that is made for them and goes with the
 * deployment. A file is there as a whole or not at all.
 */
final class SnapshotFiles implements AutoCloseable {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pattern KEY = Pattern.compile("[0-9a-f]{32}");
    private static final String UNFINISHED = ".unfinished";

    private final Path root;
    private final boolean isTemporary;

    private SnapshotFiles(Path root, boolean isTemporary) {
        this.root = root;
        this.isTemporary = isTemporary;
    }

    /** Files that are kept in {@code directory}; null makes one that goes when this is closed. */
    static SnapshotFiles in(@Nullable Path directory) {
        try {
            SnapshotFiles files = directory == null
                    ? new SnapshotFiles(Files.createTempDirectory("convex-local-"), true)
                    : new SnapshotFiles(Files.createDirectories(directory.resolve("snapshots")), false);
            files.deleteUnfinished();
            return files;
        } catch (IOException unusable) {
            throw new UncheckedIOException("No files can be made for snapshots", unusable);
        }
    }

    private void deleteUnfinished() throws IOException {
        try (Stream<Path> files = Files.list(root)) {
            for (Path file : files.filter(path -> path.toString().endsWith(UNFINISHED)).toList()) {
                deleteTree(file);
            }
        }
    }

    private static String newKey() {
        byte[] key = new byte[16];
        RANDOM.nextBytes(key);
        return HexFormat.of().formatHex(key);
    }

    /** Writes a file. */
    interface Writer {

        void write(OutputStream out) throws IOException;
    }

    /** Makes a file and returns its key. */
    String create(Writer writer) throws IOException {
        String key = newKey();
        Path unfinished = root.resolve(key + UNFINISHED);
        try {
            try (OutputStream out = Files.newOutputStream(unfinished)) {
                writer.write(out);
            }
            Files.move(unfinished, root.resolve(key), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(unfinished);
        }
        return key;
    }

    /** Where a file lies; null if there is none of that key. */
    @Nullable
    Path find(String key) {
        Path file = root.resolve(key);
        return KEY.matcher(key).matches() && Files.isRegularFile(file) ? file : null;
    }

    void delete(String key) {
        Path file = find(key);
        if (file != null) {
            try {
                Files.delete(file);
            } catch (IOException kept) {
                throw new UncheckedIOException("The file '%s' can't be deleted".formatted(file), kept);
            }
        }
    }

    /** Begins a file that comes in parts and returns its token. */
    String beginParts() throws IOException {
        String token = newKey();
        Files.createDirectory(partsOf(token));
        return token;
    }

    boolean hasParts(String token) {
        return KEY.matcher(token).matches() && Files.isDirectory(partsOf(token));
    }

    private Path partsOf(String token) {
        return root.resolve(token + UNFINISHED);
    }

    /** Keeps a part and returns its token. The same part may come again and then replaces the other. */
    String addPart(String token, int number, InputStream in) throws IOException {
        Path directory = partsOf(token);
        Path unfinished = Files.createTempFile(directory, "part", null);
        Files.copy(in, unfinished, StandardCopyOption.REPLACE_EXISTING);
        String part = Integer.toString(number);
        Files.move(unfinished, directory.resolve(part), StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        return part;
    }

    boolean hasPart(String token, String part) {
        return part.matches("[0-9]{1,5}") && Files.isRegularFile(partsOf(token).resolve(part));
    }

    /** Puts parts together and returns the file's key. */
    String joinParts(String token, List<String> parts) throws IOException {
        String key = create(out -> {
            for (String part : parts) {
                Files.copy(partsOf(token).resolve(part), out);
            }
        });
        deleteTree(partsOf(token));
        return key;
    }

    private static void deleteTree(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            try (Stream<Path> files = Files.list(path)) {
                for (Path file : files.toList()) {
                    deleteTree(file);
                }
            }
        }
        Files.deleteIfExists(path);
    }

    /** Deletes the files if they were only for this process. */
    @Override
    public void close() {
        if (isTemporary) {
            try {
                deleteTree(root);
            } catch (IOException left) {
                throw new UncheckedIOException("The directory '%s' is left behind".formatted(root), left);
            }
        }
    }
}
