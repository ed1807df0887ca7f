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
package dev.convexbackfill.readerswriters.journal;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.readerswriters.journal.JournaledChange.Written;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Counts what becomes of the fields of the documents of one chunk. Only those at the top: inside objects, names may be data.
 * Copies are held against their sources. For one thread.
 */
final class FieldTally {

    private final SortedMap<String, FieldChange> fields = new TreeMap<>();

    private FieldTally() {}

    /** By name; {@code skipped} are the documents that the chunk left alone. */
    static List<FieldChange> of(ConvexArray changes, Set<String> skipped) {
        FieldTally tally = new FieldTally();
        for (ConvexValue value : changes) {
            ConvexObject change = (ConvexObject) value;
            if (!skipped.contains(change.string("id"))) {
                tally.add(change);
            }
        }
        return List.copyOf(tally.fields.values());
    }

    private void add(ConvexObject value) {
        JournaledChange change = JournaledChange.of(value);
        ConvexObject before = change.before();
        switch (change.write()) {
            case Written.Fields(ConvexObject set, Set<String> unset) -> {
                set.names().forEach(field -> add(field, before.get(field), set.get(field)));
                unset.forEach(field -> add(field, before.get(field), null));
            }
            case Written.Whole(ConvexObject document) -> addAll(before, document);
            case Written.Copy(_, ConvexObject document) -> {
                // one that is inserted again is what it was
                if (!"restore".equals(value.object("write").string("kind"))) {
                    addAll(before, document);
                }
            }
            case Written.Deletion _ -> {
                // of a document, not of its fields
            }
        }
    }

    private void addAll(ConvexObject before, ConvexObject after) {
        Set<String> names = new TreeSet<>(before.names());
        names.addAll(after.names());
        names.removeIf(FieldName::isSystem);
        names.forEach(field -> add(field, before.get(field), after.get(field)));
    }

    private void add(String field, @Nullable ConvexValue before, @Nullable ConvexValue after) {
        if (before == null && after == null) {
            return;
        }
        if (before == null) {
            add(new FieldChange(field, 1, 0, 0, 0));
        } else if (after == null) {
            add(new FieldChange(field, 0, 1, 0, 0));
        } else if (!before.typeName().equals(after.typeName())) {
            add(new FieldChange(field, 0, 0, 0, 1));
        } else if (!before.equals(after)) {
            add(new FieldChange(field, 0, 0, 1, 0));
        }
    }

    private void add(FieldChange change) {
        fields.merge(change.field(), change, FieldChange::plus);
    }
}
