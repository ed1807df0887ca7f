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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
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

    /** What a query without an index goes by. */
    static final IndexRow BY_CREATION_TIME = new IndexRow(1, "by_creation_time", List.of(FieldName.CREATION_TIME));

    TableRow {
        indexes = List.copyOf(indexes);
    }

    /**
     * An index over fields.
     *
     * @param ordinal tells the indexes of a table apart
     * @param fields  paths of fields, dots between names; the id follows them unseen
     */
    record IndexRow(int ordinal, String name, List<String> fields) {

        IndexRow {
            fields = List.copyOf(fields);
        }
    }

    /** True for a table of the system's, which apps see only in parts. */
    boolean isSystem() {
        return name.startsWith("_");
    }

    /** Refuses an index that the table does not have. */
    IndexRow index(String wanted) {
        return indexes.stream().filter(index -> index.name().equals(wanted)).findFirst().orElseThrow(
                () -> new InvalidOperationException("Index %s.%s not found.".formatted(name, wanted)));
    }

    byte[] encode() {
        List<ConvexValue> encoded = new ArrayList<>();
        for (IndexRow index : indexes) {
            encoded.add(ConvexObject.builder()
                    .put("ordinal", index.ordinal())
                    .put("name", index.name())
                    .put("fields", ConvexValue.array(index.fields().stream().map(ConvexValue::of).toList()))
                    .build());
        }
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
        for (ConvexValue element : row.array("indexes")) {
            ConvexObject index = (ConvexObject) element;
            ConvexArray fields = index.array("fields");
            indexes.add(new IndexRow((int) index.wholeNumber("ordinal"), index.string("name"),
                    fields.values().stream().map(field -> ((ConvexString) field).value()).toList()));
        }
        return new TableRow(row.string("name"), row.wholeNumber("number"), (int) row.wholeNumber("tablet"), indexes);
    }
}
