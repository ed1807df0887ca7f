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
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What the files of an app look like from outside. Looked at again and again, which works on every file system and notices
 * editors that write a file anew.
 *
 * @param files when each was written, and how long it is
 */
record WatchedFiles(NavigableMap<Path, String> files) {

    /** No files. */
    static final WatchedFiles NONE = new WatchedFiles(new TreeMap<>());

    /** Other files and folders: as these have them where they do, else as they are now. */
    WatchedFiles sameOf(List<Path> filesAndFolders) {
        NavigableMap<Path, String> others = new TreeMap<>(of(filesAndFolders).files());
        others.replaceAll(files::getOrDefault);
        return new WatchedFiles(others);
    }

    /** As they are now; what is in folders counts, but not packages and what is hidden. */
    static WatchedFiles of(List<Path> filesAndFolders) {
        NavigableMap<Path, String> found = new TreeMap<>();
        try {
            for (Path each : filesAndFolders) {
                Files.walkFileTree(each, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                        String name = folder.getFileName().toString();
                        return name.equals("node_modules") || name.startsWith(".") ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        found.put(file, attributes.lastModifiedTime() + " " + attributes.size());
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException gone) {
                        return FileVisitResult.CONTINUE;
                    }
                });
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return new WatchedFiles(found);
    }
}
