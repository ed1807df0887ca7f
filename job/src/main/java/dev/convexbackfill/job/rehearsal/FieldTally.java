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
import dev.convexbackfill.client.value.FieldName;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts what becomes of fields, at the top of documents and some levels down. So many fields at most are told apart: an
 * object whose field names are data would have as many as the table has documents. For one thread.
 */
final class FieldTally {

    private static final int MAX_DEPTH = 3;
    private static final int MAX_FIELDS_PER_DEPTH = 200;

    private final SortedMap<String, Field> fields = new TreeMap<>();
    private final int[] fieldsAtDepth = new int[MAX_DEPTH];
    private long documents;
    private long leftOut;

    private static final class Field {

        private long set;
        private long unset;
        private long typeChanged;
        private final Map<String, Long> before = new TreeMap<>();
        private final Map<String, Long> after = new TreeMap<>();
    }

    void add(ConvexObject before, ConvexObject after) {
        documents++;
        add("", 0, before, after);
    }

    private void add(String prefix, int depth, ConvexObject before, ConvexObject after) {
        for (String name : before.names()) {
            if (depth > 0 || !FieldName.isSystem(name)) {
                add(prefix + name, depth, before.get(name), after.get(name));
            }
        }
        for (String name : after.names()) {
            if (!before.has(name)) {
                add(prefix + name, depth, null, after.get(name));
            }
        }
    }

    private void add(String path, int depth, @Nullable ConvexValue before, @Nullable ConvexValue after) {
        Field field = fields.get(path);
        if (field == null) {
            if (fieldsAtDepth[depth] == MAX_FIELDS_PER_DEPTH) {
                leftOut++;
                return;
            }
            fieldsAtDepth[depth]++;
            field = new Field();
            fields.put(path, field);
        }
        if (before != null) {
            field.before.merge(before.typeName(), 1L, Long::sum);
        }
        if (after == null) {
            field.unset++;
        } else {
            field.after.merge(after.typeName(), 1L, Long::sum);
            field.set += after.equals(before) ? 0 : 1;
            field.typeChanged += before != null && !before.typeName().equals(after.typeName()) ? 1 : 0;
        }
        if (depth + 1 < MAX_DEPTH && (before instanceof ConvexObject || after instanceof ConvexObject)) {
            add(path + ".", depth + 1, objectOrEmpty(before), objectOrEmpty(after));
        }
    }

    private static ConvexObject objectOrEmpty(@Nullable ConvexValue value) {
        return value instanceof ConvexObject object ? object : ConvexObject.EMPTY;
    }

    /** By path. */
    List<RehearsalReport.FieldReport> report() {
        return fields.entrySet().stream().map(entry -> {
            Field field = entry.getValue();
            return new RehearsalReport.FieldReport(entry.getKey(), field.set, field.unset, field.typeChanged,
                    withMissing(field.before), withMissing(field.after));
        }).toList();
    }

    private SortedMap<String, Long> withMissing(Map<String, Long> types) {
        SortedMap<String, Long> all = new TreeMap<>(types);
        long present = types.values().stream().mapToLong(Long::longValue).sum();
        if (present < documents) {
            all.put("missing", documents - present);
        }
        return all;
    }

    /** How often a field was met that is not among those that are told apart. */
    long leftOut() {
        return leftOut;
    }
}
