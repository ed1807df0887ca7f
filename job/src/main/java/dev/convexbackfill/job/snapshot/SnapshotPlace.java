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

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where snapshots are kept. A snapshot is there as a whole, with its manifest, or not at all. Failures are
 * {@link java.io.UncheckedIOException} whose message names the place.
 */
public interface SnapshotPlace extends AutoCloseable {

    /** The file with the documents, beside the manifest. */
    String CONTENT = "snapshot.zip";
    String MANIFEST = "manifest.json";

    /** As people write it. */
    String describe();

    /** The names of all that are there, in order. */
    List<String> names();

    /** Null if there is no such snapshot. */
    @Nullable
    Manifest find(String name);

    /** A snapshot's content as a file of this machine. Closing it gives up what was fetched. */
    Content content(Manifest manifest);

    /** A file that can be read. */
    interface Content extends AutoCloseable {

        Path file();

        @Override
        void close();
    }

    /** Begins a snapshot. Throws {@link dev.convexbackfill.job.run.RefusedException} if there is one of that name, or another process writes it. */
    Writing begin(String name);

    /** What is written and not yet there. Closing it without a commit leaves nothing. */
    interface Writing extends AutoCloseable {

        /** Where the content goes, once. */
        OutputStream content() throws IOException;

        /** An empty folder of this machine for what is needed while it is written. */
        Path scratch() throws IOException;

        /** Makes it appear. */
        void commit(Manifest manifest) throws IOException;

        @Override
        void close();
    }

    /**
     * What somebody who was killed has left.
     *
     * @param isInUse true if somebody may still be writing it
     */
    record Leftover(String what, boolean isInUse) {}

    /** Deletes leftovers that nobody uses, and returns all there were. */
    List<Leftover> clean();

    @Override
    default void close() {}
}
