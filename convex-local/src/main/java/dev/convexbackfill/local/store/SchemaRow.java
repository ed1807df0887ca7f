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
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a schema that was pushed, besides the schema itself.
 *
 * @param pushedAt milliseconds since 1970
 * @param error    why it failed, in Convex's words; null unless it has
 * @param table    the table at fault; null unless it has failed
 */
public record SchemaRow(String id, SchemaState state, double pushedAt, @Nullable String error, @Nullable String table) {

    SchemaRow with(SchemaState other) {
        return new SchemaRow(id, other, pushedAt, error, table);
    }

    SchemaRow failed(String why, String tableAtFault) {
        return new SchemaRow(id, SchemaState.FAILED, pushedAt, why, tableAtFault);
    }

    byte[] encode() {
        return ConvexJson.encode(ConvexObject.builder()
                .put("id", id)
                .put("state", state.name())
                .put("pushedAt", pushedAt)
                .putNullable("error", error)
                .putNullable("table", table)
                .build());
    }

    static SchemaRow decode(byte[] stored) {
        ConvexObject row = ConvexJson.decodeObject(stored);
        return new SchemaRow(row.string("id"), SchemaState.valueOf(row.string("state")), row.number("pushedAt"),
                row.optionalString("error"), row.optionalString("table"));
    }
}
