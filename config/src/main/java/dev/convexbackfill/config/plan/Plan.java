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
package dev.convexbackfill.config.plan;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What to do to a table, and how fast.
 *
 * @param name       also the run's name unless another is given
 * @param functions  the module in the app that {@code backfill.ts} is installed as
 * @param where      which documents of the table it is for
 * @param steps      in order; at least one, unless the documents are deleted or handed to a function of the app's own
 * @param write      how what the steps have made is written
 * @param sink       what is known of that function; null unless {@code write} is a call
 * @param ensure     what a verification proves of its documents
 * @param ranges     how many slices the table is cut into when a run begins; later changes have no effect on it
 * @param quarantine how many documents that can't be changed a run bears
 * @param stopWhen   when else a run stops by itself
 * @param digest     of what it does to documents, but not of how fast: 64 hexadecimal digits
 * @param text       the file
 */
public record Plan(String name, String table, String functions, Selection where, List<Step> steps, Write write,
        @Nullable Sink sink, List<Ensure> ensure, int ranges,
        Chunk chunk, Throttle throttle, Allowance quarantine, StopWhen stopWhen, String digest, String text) {

    public Plan {
        steps = List.copyOf(steps);
        ensure = List.copyOf(ensure);
    }

    /**
     * What a run of it does not promise, because functions of the app's own take part in it: in sentences without their subject,
     * which is the run. None if it promises all.
     */
    public List<String> caveats() {
        List<String> caveats = new ArrayList<>();
        Source source = where.source();
        if (source != null) {
            caveats.add(source.caveat());
        }
        String caveat = write.caveat();
        if (caveat != null) {
            caveats.add(caveat);
        }
        return caveats;
    }

    /**
     * What one mutation may carry.
     *
     * @param documents at most so many changes
     * @param bytes     of documents at most so many; Convex reads each document of a chunk twice
     */
    public record Chunk(int documents, ByteSize bytes) {

        public static final Chunk DEFAULT = new Chunk(200, ByteSize.ofMebibytes(4));
    }

    /**
     * How fast the run may go, all its workers together.
     *
     * @param documentsPerSecond null for no limit
     * @param bytesPerSecond     of documents written; null for no limit
     * @param concurrency        ranges worked on at once, and so calls in flight of each kind
     */
    public record Throttle(@Nullable Integer documentsPerSecond, @Nullable ByteSize bytesPerSecond, int concurrency) {

        /** Convex's smallest class runs 16 mutations at once for everybody. */
        public static final Throttle DEFAULT = new Throttle(null, null, 16);
    }
}
