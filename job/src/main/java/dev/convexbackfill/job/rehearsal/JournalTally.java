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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.readerswriters.journal.JournalStore;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Change;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures what a run would keep in its journal, by compressing changes as that does: in chunks as large as the plan allows, and in
 * small ones. The two tell what a chunk costs by itself and what each change in it does, and so what any number of chunks of any
 * size would take. Only the first changes are measured: ids are random, so they are as good as others. Thread-safe.
 */
final class JournalTally {

    private static final int MAX_DOCUMENTS = 10_000;
    /** So many times smaller are the small chunks. */
    private static final int SMALLER = 10;

    private final Plan.Chunk limits;
    private final List<ConvexObject> waiting = new ArrayList<>();
    private long waitingBytes;
    private Measured measured = new Measured(0, 0, 0, 0, 0);

    /** What was compressed both ways. */
    private record Measured(long documents, long chunks, long bytes, long smallChunks, long smallBytes) {

        Measured plus(List<ConvexObject> changes) {
            int small = Math.ceilDiv(changes.size(), SMALLER);
            long smallSum = 0;
            int parts = 0;
            for (int from = 0; from < changes.size(); from += small) {
                smallSum += compressed(changes.subList(from, Math.min(from + small, changes.size())));
                parts++;
            }
            return new Measured(documents + changes.size(), chunks + 1, bytes + compressed(changes),
                    smallChunks + parts, smallBytes + smallSum);
        }

        private static long compressed(List<ConvexObject> changes) {
            return JournalStore.storedBytes(ConvexValue.array(changes));
        }

        long bytes(long ofDocuments, long inChunks) {
            if (documents == 0) {
                return 0;
            }
            double ofChunk = smallChunks == chunks ? 0
                    : Math.max(0, (smallBytes - bytes) / (double) (smallChunks - chunks));
            double ofDocument = (bytes - ofChunk * chunks) / documents;
            return Math.round(ofChunk * inChunks + ofDocument * ofDocuments);
        }
    }

    JournalTally(Plan.Chunk limits) {
        this.limits = limits;
    }

    /** Takes a change that a run would send. */
    synchronized void add(Change change) {
        if (measured.documents() >= MAX_DOCUMENTS) {
            return;
        }
        waiting.add(change.toJournal());
        waitingBytes += change.size();
        if (waiting.size() >= limits.documents() || waitingBytes >= limits.bytes().bytes()) {
            measured = measured.plus(waiting);
            waiting.clear();
            waitingBytes = 0;
        }
    }

    /** About how many bytes the journal of so many documents in so many chunks takes; 0 if no change was seen. */
    synchronized long bytes(long documents, long chunks) {
        // what waits makes a chunk that is no full one, so it counts only where there is little else
        Measured all = waiting.isEmpty() || measured.documents() > waiting.size() ? measured : measured.plus(waiting);
        return all.bytes(documents, Math.min(chunks, documents));
    }
}
