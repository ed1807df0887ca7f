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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An index over fields.
 *
 * @param ordinal  tells the indexes of a table apart, also those that have the same name because one will replace the other
 * @param fields   paths of fields, dots between names; the id follows them unseen
 * @param isStaged whether it is to stay {@link IndexState#BACKFILLED}
 */
record IndexRow(int ordinal, String name, List<String> fields, IndexState state, boolean isStaged) {

    IndexRow {
        fields = List.copyOf(fields);
    }

    IndexRow with(IndexState other, boolean staged) {
        return new IndexRow(ordinal, name, fields, other, staged);
    }

    /** This index, if it was being filled, full. */
    IndexRow built() {
        return state == IndexState.BACKFILLING ? with(IndexState.BACKFILLED, isStaged) : this;
    }

    /** The key under which a document lies in this index. */
    byte[] entry(int tablet, ConvexObject document, String id) {
        SortKey key = new SortKey(Keys.index(tablet, ordinal));
        fields.forEach(path -> key.add(at(document, path)));
        return key.add(ConvexValue.of(id)).toByteArray();
    }

    private static @Nullable ConvexValue at(ConvexObject document, String path) {
        ConvexValue value = document;
        for (String name : path.split("\\.", -1)) {
            value = value instanceof ConvexObject object ? object.get(name) : null;
        }
        return value;
    }

    ConvexObject toObject() {
        return ConvexObject.builder()
                .put("ordinal", ordinal)
                .put("name", name)
                .put("fields", ConvexValue.array(fields.stream().map(ConvexValue::of).toList()))
                .put("state", state.name().toLowerCase(Locale.ROOT))
                .put("staged", isStaged)
                .build();
    }

    static IndexRow of(ConvexObject row) {
        String state = row.optionalString("state");
        return new IndexRow((int) row.wholeNumber("ordinal"), row.string("name"),
                row.array("fields").values().stream().map(field -> ((ConvexString) field).value()).toList(),
                // deployments of earlier versions had no other
                state == null ? IndexState.ENABLED : IndexState.valueOf(state.toUpperCase(Locale.ROOT)),
                row.has("staged") && row.bool("staged"));
    }
}
