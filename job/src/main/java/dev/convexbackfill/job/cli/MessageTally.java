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
package dev.convexbackfill.job.cli;

import dev.convexbackfill.job.rehearsal.MessageShape;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts messages of a quarantine by what they have in common, in a map that does not grow with it. For one thread. */
final class MessageTally {

    private static final int MAX_SHAPES = 200;
    private static final String OTHERS = "other messages";

    private final MessageShape shapes;
    private final Map<Key, Long> counts = new HashMap<>();

    private record Key(Reason reason, String shape) {}

    /** What messages have in common, and how many documents they are about. */
    record Count(String shape, long documents) {}

    MessageTally(MessageShape shapes) {
        this.shapes = shapes;
    }

    void add(Reason reason, String message) {
        Key key = new Key(reason, shapes.of(message));
        counts.merge(counts.containsKey(key) || counts.size() < MAX_SHAPES ? key : new Key(reason, OTHERS), 1L,
                Long::sum);
    }

    /** Those about most documents. */
    List<Count> most(Reason reason, int limit) {
        return counts.entrySet().stream().filter(entry -> entry.getKey().reason() == reason)
                .map(entry -> new Count(entry.getKey().shape(), entry.getValue()))
                .sorted(Comparator.comparingLong(Count::documents).reversed().thenComparing(Count::shape))
                .limit(limit).toList();
    }
}
