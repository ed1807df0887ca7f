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
package dev.convexbackfill.local.store;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import java.util.ArrayList;
import java.util.List;

/**
 * What is kept of a table.
 *
 * @param number  part of its documents' ids
 * @param tablet  where its documents lie; a table that replaces it may have its number but not its tablet
 * @param indexes besides the one by id
 */
record TableRow(String name, long number, int tablet, List<IndexRow> indexes) {

    /** The index that no row tells of: the documents lie in its order. */
    static final String BY_ID = "by_id";
    /** What a query without an index goes by. */
    static final IndexRow BY_CREATION_TIME = new IndexRow(1, "by_creation_time",
            List.of(FieldName.CREATION_TIME), IndexState.ENABLED, false);

    TableRow {
        indexes = List.copyOf(indexes);
    }

    /** This table with other indexes. */
    TableRow withIndexes(List<IndexRow> changed) {
        return new TableRow(name, number, tablet, changed);
    }

    /** The indexes that an app has declared. */
    List<IndexRow> declaredIndexes() {
        return indexes.stream().filter(index -> index.ordinal() != BY_CREATION_TIME.ordinal()).toList();
    }

    /** True if both tables have indexes over the same fields under the same names, however far they are. */
    boolean hasSameIndexes(TableRow other) {
        return definitions().equals(other.definitions());
    }

    private List<IndexRow> definitions() {
        return indexes.stream().map(index -> index.with(IndexState.ENABLED, false)).toList();
    }

    /** True for a table of the system's, which apps see only in parts. */
    boolean isSystem() {
        return name.startsWith("_");
    }

    /** Refuses an index that can't be queried. */
    IndexRow index(String wanted) {
        List<IndexRow> named = indexes.stream().filter(index -> index.name().equals(wanted)).toList();
        for (IndexRow index : named) {
            if (index.state() == IndexState.ENABLED) {
                return index;
            }
        }
        if (named.isEmpty()) {
            throw indexNotFound(name, wanted);
        }
        throw new InvalidOperationException((named.getFirst().isStaged()
                ? "Index %s.%s is currently staged and not available to query until it is enabled."
                : "Index %s.%s is currently backfilling and not available to query yet.").formatted(name, wanted));
    }

    static InvalidOperationException indexNotFound(String table, String index) {
        return new InvalidOperationException("Index %s.%s not found.".formatted(table, index));
    }

    byte[] encode() {
        List<ConvexValue> encoded = new ArrayList<>();
        indexes.forEach(index -> encoded.add(index.toObject()));
        return ConvexJson.encode(ConvexObject.builder()
                .put("name", name)
                .put("number", (double) number)
                .put("tablet", tablet)
                .put("indexes", ConvexValue.array(encoded))
                .build());
    }

    static TableRow decode(byte[] stored) {
        ConvexObject row = ConvexJson.decodeObject(stored);
        List<IndexRow> indexes = new ArrayList<>();
        row.array("indexes").forEach(index -> indexes.add(IndexRow.of((ConvexObject) index)));
        return new TableRow(row.string("name"), row.wholeNumber("number"), (int) row.wholeNumber("tablet"), indexes);
    }
}
