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
package dev.convexbackfill.job.snapshot;

import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.job.run.RefusedException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots in a folder, each a folder of its own. It is written under another name and renamed when all of it is on the disk.
 * Whoever writes holds a lock, which ends with the process: so what a killed one has left is known for what it is.
 */
final class FolderPlace implements SnapshotPlace {

    private static final String UNFINISHED = ".unfinished";
    private static final String LOCK = "lock";
    private static final String SCRATCH = "scratch";

    private final Path folder;

    FolderPlace(Path folder) {
        this.folder = folder;
    }

    @Override
    public String describe() {
        return folder.toString();
    }

    @Override
    public List<String> names() {
        return list().stream().filter(one -> Files.isRegularFile(one.resolve(MANIFEST)))
                .map(one -> one.getFileName().toString()).filter(SnapshotName::isValid).sorted().toList();
    }

    private List<Path> list() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory).toList();
        } catch (IOException unreadable) {
            throw failed("read", unreadable);
        }
    }

    @Override
    public @Nullable Manifest find(String name) {
        Path file = folder.resolve(name).resolve(MANIFEST);
        try {
            return Files.isRegularFile(file) ? Manifest.fromJson(Files.readAllBytes(file)) : null;
        } catch (IOException unreadable) {
            throw failed("read", unreadable);
        } catch (InvalidValueException invalid) {
            throw new RefusedException("The snapshot '%s' in '%s' can't be read: %s".formatted(name, folder,
                    invalid.getMessage()), invalid);
        }
    }

    @Override
    public Content content(Manifest manifest) {
        Path file = folder.resolve(manifest.name()).resolve(CONTENT);
        return new Content() {

            @Override
            public Path file() {
                return file;
            }

            @Override
            public void close() {
                // it stays where it is
            }
        };
    }

    @Override
    public Writing begin(String name) {
        if (Files.exists(folder.resolve(name))) {
            throw SnapshotName.taken(name, describe());
        }
        Path unfinished = folder.resolve("." + name + UNFINISHED);
        try {
            Files.createDirectories(unfinished);
            FileChannel lock = lock(unfinished);
            if (lock == null) {
                throw new RefusedException(
                        "Another process writes the snapshot '%s' in '%s'; give this one another name".formatted(name,
                                folder));
            }
            try {
                emptyExceptLock(unfinished);
                return new FolderWriting(name, unfinished, lock);
            } catch (IOException failed) {
                lock.close();
                throw failed;
            }
        } catch (IOException unwritable) {
            throw failed("written to", unwritable);
        }
    }

    private final class FolderWriting implements Writing {

        private final String name;
        private final Path unfinished;
        private final FileChannel lock;
        private @Nullable FileChannel content;
        private boolean isCommitted;

        FolderWriting(String name, Path unfinished, FileChannel lock) {
            this.name = name;
            this.unfinished = unfinished;
            this.lock = lock;
        }

        @Override
        public OutputStream content() throws IOException {
            FileChannel file = FileChannel.open(unfinished.resolve(CONTENT), StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE);
            content = file;
            return new BufferedOutputStream(Channels.newOutputStream(file), 1 << 16) {

                @Override
                public void close() throws IOException {
                    // the commit closes it, when all of it is on the disk
                    flush();
                }
            };
        }

        @Override
        public Path scratch() throws IOException {
            return Files.createDirectories(unfinished.resolve(SCRATCH));
        }

        @Override
        public void commit(Manifest manifest) throws IOException {
            if (content != null) {
                content.force(true);
                content.close();
            }
            deleteAll(unfinished.resolve(SCRATCH));
            try (FileChannel file = FileChannel.open(unfinished.resolve(MANIFEST), StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(manifest.toJson()));
                file.force(true);
            }
            force(unfinished);
            Path whole = folder.resolve(name);
            if (Files.exists(whole)) {
                throw SnapshotName.taken(name, describe());
            }
            Files.move(unfinished, whole, StandardCopyOption.ATOMIC_MOVE);
            isCommitted = true;
            force(folder);
            Files.deleteIfExists(whole.resolve(LOCK));
        }

        @Override
        public void close() {
            try {
                if (content != null) {
                    content.close();
                }
                if (!isCommitted) {
                    deleteAll(unfinished);
                }
                lock.close();
            } catch (IOException left) {
                throw failed("cleaned up", left);
            }
        }
    }

    @Override
    public List<Leftover> clean() {
        List<Leftover> leftovers = new ArrayList<>();
        for (Path one : list()) {
            String name = one.getFileName().toString();
            if (name.startsWith(".") && name.endsWith(UNFINISHED)) {
                try (FileChannel lock = lock(one)) {
                    if (lock != null) {
                        deleteAll(one);
                    }
                    leftovers.add(new Leftover(one.toString(), lock == null));
                } catch (IOException gone) {
                    if (Files.exists(one)) {
                        throw failed("cleaned up", gone);
                    }
                    // its owner has just ended
                }
            }
        }
        return leftovers;
    }

    /** Null if another holds it. */
    private static @Nullable FileChannel lock(Path unfinished) throws IOException {
        FileChannel channel = FileChannel.open(unfinished.resolve(LOCK), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException _) {
            // this very process
        }
        channel.close();
        return null;
    }

    private static void emptyExceptLock(Path unfinished) throws IOException {
        try (Stream<Path> all = Files.list(unfinished)) {
            for (Path one : all.filter(one -> !one.endsWith(LOCK)).toList()) {
                deleteAll(one);
            }
        }
    }

    private static void deleteAll(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failed)
                    throws IOException {
                if (failed != null) {
                    throw failed;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** What can't be deleted stays where the system keeps what is temporary. */
    static void deleteQuietly(Path path) {
        try {
            deleteAll(path);
        } catch (IOException _) {
            // the system deletes it
        }
    }

    /** Its names are on the disk then. */
    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private UncheckedIOException failed(String what, IOException cause) {
        return new UncheckedIOException("The folder '%s' can't be %s (%s)".formatted(folder, what, cause), cause);
    }
}
