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
package dev.convexbackfill.local.schema;

import dev.convexbackfill.client.value.ConvexJson;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** Writes schemas as Convex stores them. Source: {@code crates/common/src/schemas/json.rs} of the Convex backend. */
final class SchemaWriter {

    private final JsonGenerator json;

    private SchemaWriter(JsonGenerator json) {
        this.json = json;
    }

    static String toJson(DatabaseSchema schema) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
        try (JsonGenerator json = ConvexJson.generator(out)) {
            new SchemaWriter(json).write(schema);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private void write(DatabaseSchema schema) {
        json.writeStartObject();
        json.writeName("tables");
        json.writeStartArray();
        schema.tables().values().forEach(this::write);
        json.writeEndArray();
        json.writeName("schemaValidation");
        json.writeBoolean(schema.schemaValidation());
        json.writeEndObject();
    }

    private void write(TableSchema table) {
        json.writeStartObject();
        string("tableName", table.name());
        databaseIndexes("indexes", table.indexes());
        databaseIndexes("stagedDbIndexes", table.stagedIndexes());
        searchIndexes("searchIndexes", table.searchIndexes());
        searchIndexes("stagedSearchIndexes", table.stagedSearchIndexes());
        vectorIndexes("vectorIndexes", table.vectorIndexes());
        vectorIndexes("stagedVectorIndexes", table.stagedVectorIndexes());
        json.writeName("documentType");
        if (table.documentType() == null) {
            json.writeNull();
        } else {
            ConvexJson.write(json, table.documentType().toJson());
        }
        json.writeEndObject();
    }

    private void databaseIndexes(String name, List<IndexSchema> indexes) {
        json.writeName(name);
        json.writeStartArray();
        for (IndexSchema index : indexes) {
            json.writeStartObject();
            string("indexDescriptor", index.name());
            strings("fields", index.fields());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void searchIndexes(String name, List<SearchIndexSchema> indexes) {
        json.writeName(name);
        json.writeStartArray();
        for (SearchIndexSchema index : indexes) {
            json.writeStartObject();
            string("indexDescriptor", index.name());
            string("searchField", index.searchField());
            strings("filterFields", index.filterFields());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void vectorIndexes(String name, List<VectorIndexSchema> indexes) {
        json.writeName(name);
        json.writeStartArray();
        for (VectorIndexSchema index : indexes) {
            json.writeStartObject();
            string("indexDescriptor", index.name());
            string("vectorField", index.vectorField());
            json.writeName("dimensions");
            json.writeNumber(index.dimensions());
            strings("filterFields", index.filterFields());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void string(String name, String value) {
        json.writeName(name);
        json.writeString(value);
    }

    private void strings(String name, List<String> values) {
        json.writeName(name);
        json.writeStartArray();
        values.forEach(json::writeString);
        json.writeEndArray();
    }
}
