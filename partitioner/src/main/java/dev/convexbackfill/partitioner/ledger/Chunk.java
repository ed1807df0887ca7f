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
package dev.convexbackfill.partitioner.ledger;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import org.jspecify.annotations.Nullable;

/**
 * What one call of {@code apply} carries. It accounts for every document between two positions, or, with {@code read} 0 and
 * both positions equal, for the documents that the chunk before it left unsettled.
 *
 * @param ledger      the id of the range's ledger row
 * @param fence       the owner who sends it
 * @param sequence    one more than that of the chunk before
 * @param from        where the chunk before ended
 * @param to          where this one ends
 * @param isDone      true if the range ends there
 * @param read        documents between the positions
 * @param unchanged   how many of them need no change
 * @param deleted     how many are gone
 * @param quarantined how many can't be changed
 * @param called      how many a function of the app's own has taken, which count as changed; then there are no changes
 * @param changes     what to do with the others, in the form that {@code backfill.ts} takes
 */
public record Chunk(String ledger, long fence, long sequence, @Nullable String from, @Nullable String to,
        boolean isDone, int read, int unchanged, int deleted, int quarantined, int called, ConvexArray changes) {

    /** For documents that the run changes itself. */
    public Chunk(String ledger, long fence, long sequence, @Nullable String from, @Nullable String to, boolean isDone,
            int read, int unchanged, int deleted, int quarantined, ConvexArray changes) {
        this(ledger, fence, sequence, from, to, isDone, read, unchanged, deleted, quarantined, 0, changes);
    }

    ConvexObject toArgs() {
        ConvexObject.Builder args = ConvexObject.builder();
        if (called > 0) {
            args.put("called", called);
        }
        return args
                .put("changes", changes)
                .put("deleted", deleted)
                .put("fence", (double) fence)
                .putNullable("from", from)
                .put("isDone", isDone)
                .put("ledger", ledger)
                .put("quarantined", quarantined)
                .put("read", read)
                .put("sequence", ConvexValue.number((double) sequence))
                .putNullable("to", to)
                .put("unchanged", unchanged)
                .build();
    }
}
