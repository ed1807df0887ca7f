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
package dev.convexbackfill.client.admin;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a deployment answers about schemas, indexes and columns. Throws {@link InvalidValueException} or
 * {@link ClassCastException} for another form. Source of the forms: {@code crates/common/src/schemas/json.rs} and
 * {@code crates/local_backend/src/schema.rs} of the Convex backend.
 */
final class SchemaAnswers {

    private SchemaAnswers() {}

    static DeploymentSchema schemas(ConvexValue answer) {
        ConvexObject schemas = (ConvexObject) answer;
        return new DeploymentSchema(schema(schemas.optionalString("active")),
                schema(schemas.optionalString("inProgress")));
    }

    private static @Nullable SchemaDefinition schema(@Nullable String json) {
        if (json == null) {
            return null;
        }
        ConvexObject schema = ConvexJson.decodeObject(json.getBytes(StandardCharsets.UTF_8));
        SortedMap<String, TableDefinition> tables = new TreeMap<>();
        for (ConvexValue element : schema.array("tables")) {
            TableDefinition table = table((ConvexObject) element);
            tables.put(table.name(), table);
        }
        return new SchemaDefinition(tables, schema.has("schemaValidation") && schema.bool("schemaValidation"));
    }

    private static TableDefinition table(ConvexObject json) {
        List<IndexDefinition> indexes = new ArrayList<>();
        addIndexes(json, "indexes", false, indexes);
        addIndexes(json, "stagedDbIndexes", true, indexes);
        return new TableDefinition(json.string("tableName"), indexes, objectOrNull(json.get("documentType")));
    }

    private static @Nullable ConvexObject objectOrNull(@Nullable ConvexValue value) {
        return value == null || value == ConvexNull.NULL ? null : (ConvexObject) value;
    }

    private static void addIndexes(ConvexObject table, String list, boolean staged, List<IndexDefinition> indexes) {
        if (table.get(list) instanceof ConvexArray declared) {
            for (ConvexValue element : declared) {
                ConvexObject index = (ConvexObject) element;
                indexes.add(
                        new IndexDefinition(index.string("indexDescriptor"), strings(index.array("fields")), staged));
            }
        }
    }

    static List<IndexStatus> indexes(byte[] answer) {
        List<IndexStatus> indexes = new ArrayList<>();
        for (ConvexValue element : ConvexJson.decodeObject(answer).array("indexes")) {
            ConvexObject index = (ConvexObject) element;
            // search and vector indexes have an object there
            if (index.require("fields") instanceof ConvexArray fields) {
                indexes.add(new IndexStatus(index.string("table"), index.string("name"), strings(fields),
                        index.object("backfill").string("state").equals("done"),
                        index.has("staged") && index.bool("staged")));
            }
        }
        return indexes;
    }

    static SortedMap<String, List<String>> columns(byte[] answer) {
        SortedMap<String, List<String>> columns = new TreeMap<>();
        // the app itself has an empty path; the others are components
        if (ConvexJson.decodeObject(answer).object("byComponent").get("") instanceof ConvexArray tables) {
            for (ConvexValue element : tables) {
                ConvexObject table = (ConvexObject) element;
                columns.put(table.string("name"), strings(table.array("columns")));
            }
        }
        return columns;
    }

    private static List<String> strings(ConvexArray array) {
        return array.values().stream().map(element -> ((ConvexString) element).value()).toList();
    }
}
