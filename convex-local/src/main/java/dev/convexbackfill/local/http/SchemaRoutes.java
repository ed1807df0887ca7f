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
package dev.convexbackfill.local.http;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.SearchIndexSchema;
import dev.convexbackfill.local.schema.TableSchema;
import dev.convexbackfill.local.schema.VectorIndexSchema;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.IndexInfo;
import dev.convexbackfill.local.store.IndexState;
import dev.convexbackfill.local.store.InvalidOperationException;
import dev.convexbackfill.local.store.SchemaPush;
import dev.convexbackfill.local.store.SchemaRow;
import dev.convexbackfill.local.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The routes that tell of schemas and indexes, and the one that deletes tables. Source:
 * {@code crates/local_backend/src/{schema,dashboard}.rs} of the Convex backend.
 */
final class SchemaRoutes implements Routes {

    private final Store store;
    private final SchemaPush schemas;

    SchemaRoutes(Store store, SchemaPush schemas) {
        this.store = store;
        this.schemas = schemas;
    }

    @Override
    public @Nullable Answer answer(ApiRequest request) throws IOException {
        return switch (request.route()) {
            case "GET /api/get_indexes" -> {
                request.requireAdmin();
                yield indexes();
            }
            case "POST /api/delete_tables" -> {
                request.requireAdmin();
                yield deleteTables(tableNames(request));
            }
            default -> {
                String schema = request.routeAfter("GET /api/schema_state/").orElse(null);
                if (schema == null) {
                    yield null;
                }
                request.requireAdmin();
                yield schemaState(schema);
            }
        };
    }

    private DocumentTransaction begin() {
        return DocumentTransaction.begin(store, new TransactionUsage(TransactionLimits.NONE));
    }

    private interface Content {

        void write(JsonGenerator json);
    }

    private static Answer object(Content content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        try (JsonGenerator json = ConvexJson.generator(out)) {
            json.writeStartObject();
            content.write(json);
            json.writeEndObject();
        }
        return Answer.json(out.toByteArray());
    }

    private Answer indexes() {
        try (DocumentTransaction transaction = begin()) {
            return object(json -> writeIndexes(json, transaction));
        }
    }

    private Answer schemaState(String id) {
        SchemaRow row = schemas.status(id).map(SchemaPush.Status::schema).orElseThrow(
                () -> new RequestRefusedException(404, "SchemaNotFound", "Schema with id %s not found".formatted(id)));
        try (DocumentTransaction transaction = begin()) {
            return object(json -> {
                writeIndexes(json, transaction);
                json.writeName("schemaState");
                json.writeStartObject();
                string(json, "state", row.state().name().toLowerCase(Locale.ROOT));
                if (row.error() != null) {
                    string(json, "error", row.error());
                    string(json, "tableName", String.valueOf(row.table()));
                }
                json.writeEndObject();
            });
        }
    }

    private static void writeIndexes(JsonGenerator json, DocumentTransaction transaction) {
        json.writeName("indexes");
        json.writeStartArray();
        for (IndexInfo index : transaction.indexes()) {
            boolean isDone = index.state() != IndexState.BACKFILLING;
            write(json, index.table(), index.name(), isDone, index.staged(), () -> strings(json, index.fields()));
        }
        transaction.schemas().active()
                .ifPresent(schema -> schema.tables().values().forEach(table -> write(json, table)));
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, TableSchema table) {
        table.searchIndexes().forEach(index -> write(json, table, index, false));
        table.stagedSearchIndexes().forEach(index -> write(json, table, index, true));
        table.vectorIndexes().forEach(index -> write(json, table, index, false));
        table.stagedVectorIndexes().forEach(index -> write(json, table, index, true));
    }

    private static void write(JsonGenerator json, TableSchema table, SearchIndexSchema index, boolean isStaged) {
        write(json, table.name(), index.name(), true, isStaged, () -> {
            json.writeStartObject();
            string(json, "searchField", index.searchField());
            json.writeName("filterFields");
            strings(json, index.filterFields());
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, TableSchema table, VectorIndexSchema index, boolean isStaged) {
        write(json, table.name(), index.name(), true, isStaged, () -> {
            json.writeStartObject();
            json.writeName("dimensions");
            json.writeNumber(index.dimensions());
            string(json, "vectorField", index.vectorField());
            json.writeName("filterFields");
            strings(json, index.filterFields());
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, String table, String name, boolean isDone, boolean isStaged,
            Runnable fields) {
        json.writeStartObject();
        string(json, "table", table);
        string(json, "name", name);
        json.writeName("fields");
        fields.run();
        json.writeName("backfill");
        json.writeStartObject();
        string(json, "state", isDone ? "done" : "in_progress");
        json.writeEndObject();
        json.writeName("staged");
        json.writeBoolean(isStaged);
        json.writeEndObject();
    }

    private static void string(JsonGenerator json, String name, String value) {
        json.writeName(name);
        json.writeString(value);
    }

    private static void strings(JsonGenerator json, List<String> values) {
        json.writeStartArray();
        values.forEach(json::writeString);
        json.writeEndArray();
    }

    private static List<String> tableNames(ApiRequest request) throws IOException {
        ConvexObject body = request.jsonObject();
        List<String> names = new ArrayList<>();
        try {
            for (ConvexValue element : body.array("tableNames")) {
                if (!(element instanceof ConvexString(String name)) || !FieldName.isIdentifier(name)) {
                    throw RequestRefusedException.badBody("`tableNames` must be names of tables");
                }
                names.add(name);
            }
        } catch (InvalidValueException malformed) {
            throw RequestRefusedException.badBody(String.valueOf(malformed.getMessage()));
        }
        return names;
    }

    private Answer deleteTables(List<String> names) {
        while (true) {
            try (DocumentTransaction transaction = begin()) {
                names.forEach(transaction::deleteTable);
                transaction.commit();
                return Answer.empty();
            } catch (InvalidOperationException refused) {
                throw new RequestRefusedException(400, "SchemaEnforcementError", String.valueOf(refused.getMessage()));
            } catch (ConflictException _) {
                // the app created or changed a table at the same time
            }
        }
    }
}
