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

import dev.convexbackfill.job.rehearsal.RehearsalReport.SizedDocument;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Keeps the ids and sizes of the largest documents. For one thread. */
final class LargestDocuments {

    private static final int SIZE = 5;
    private static final Comparator<SizedDocument> BY_SIZE = Comparator.comparingLong(SizedDocument::bytes)
            .thenComparing(SizedDocument::id);

    private final PriorityQueue<SizedDocument> largest = new PriorityQueue<>(SIZE + 1, BY_SIZE);

    void add(String id, long bytes) {
        largest.add(new SizedDocument(id, bytes));
        if (largest.size() > SIZE) {
            largest.remove();
        }
    }

    /** The largest first. */
    List<SizedDocument> report() {
        return largest.stream().sorted(BY_SIZE.reversed()).toList();
    }
}
