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

import dev.convexbackfill.local.schema.Misfit;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts why documents go into quarantine, by the shape of the message; some hundred shapes at most. For one thread. */
public final class ReasonTally {

    private static final int MAX_SHAPES = 100;
    private static final int MAX_EXAMPLES = 5;
    private static final Key OTHERS = new Key(Reason.TRANSFORM, "other messages");

    private final MessageShape shapes;
    private final Map<Key, Group> groups = new LinkedHashMap<>();

    private record Key(Reason reason, String shape) {}

    private static final class Group {

        private long count;
        private final String example;
        private final List<String> ids = new ArrayList<>();

        Group(String example) {
            this.example = example;
        }
    }

    public ReasonTally(MessageShape shapes) {
        this.shapes = shapes;
    }

    /** A document that no schema is known to refuse. */
    public void add(String id, Reason reason, String message) {
        add(id, reason, message, null);
    }

    /** {@code misfit} is what the message is about; null if it is about no schema. */
    void add(String id, Reason reason, String message, @Nullable Misfit misfit) {
        Key key = new Key(reason, misfit == null ? shapes.of(message)
                : "the schema: '%s' must be %s".formatted(misfit.path().replaceAll("\\[\\d+]", "[]"),
                        misfit.expected()));
        Group group = groups.computeIfAbsent(groups.containsKey(key) || groups.size() < MAX_SHAPES ? key : OTHERS,
                _ -> new Group(message));
        group.count++;
        if (group.ids.size() < MAX_EXAMPLES) {
            group.ids.add(id);
        }
    }

    /** The most frequent first. */
    public List<RehearsalReport.ReasonGroup> report() {
        return groups.entrySet().stream()
                .map(entry -> new RehearsalReport.ReasonGroup(entry.getKey().reason(), entry.getKey().shape(),
                        entry.getValue().count, entry.getValue().example, entry.getValue().ids))
                .sorted(Comparator.comparingLong(RehearsalReport.ReasonGroup::documents).reversed()
                        .thenComparing(RehearsalReport.ReasonGroup::shape))
                .toList();
    }
}
