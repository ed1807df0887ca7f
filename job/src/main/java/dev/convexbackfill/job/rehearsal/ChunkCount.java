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
package dev.convexbackfill.job.rehearsal;

import dev.convexbackfill.config.plan.Plan;

/** Counts the chunks that a run would make of the documents of one range, which come in order. For one thread. */
final class ChunkCount {

    /** As the writer of a run has it: documents without a change wait for so many. */
    private static final int MAX_WAITING = 5000;

    private final Plan.Chunk limits;
    private int waiting;
    private int changes;
    private long bytes;
    private boolean rejected;
    private long chunks;
    private long settlements;

    ChunkCount(Plan.Chunk limits) {
        this.limits = limits;
    }

    void add(RehearsedDocument document) {
        long sent = document.sent();
        boolean overflows = sent > 0 && (changes + 1 > limits.documents()
                || (changes > 0 && bytes + sent > limits.bytes().bytes()));
        if (overflows) {
            close();
        }
        waiting++;
        if (sent > 0) {
            changes++;
            bytes += sent;
            rejected |= document.isRejected();
        }
    }

    private void close() {
        chunks++;
        settlements += rejected ? 1 : 0;
        waiting = 0;
        changes = 0;
        bytes = 0;
        rejected = false;
    }

    /** After each slice but the last: a writer sends what is full before it reads on. */
    void endSlice() {
        if (changes >= limits.documents() || waiting >= MAX_WAITING) {
            close();
        }
    }

    /** At the end of the range, which is always a chunk's. */
    void end() {
        close();
    }

    /** Mutations that carry changes, or only move the position. */
    long chunks() {
        return chunks;
    }

    /** Mutations that put into quarantine what the deployment refused. */
    long settlements() {
        return settlements;
    }
}
