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
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DatabaseSchema;
import dev.convexbackfill.local.schema.TableSchema;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.shape.JsonSchemas;
import dev.convexbackfill.local.shape.Shape;
import dev.convexbackfill.local.shape.ShapeJson;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The routes that tell what documents look like; they look at all of them. Source:
 * {@code crates/local_backend/src/{dashboard,streaming_export}.rs} of the Convex backend.
 */
final class ShapeRoutes implements Routes {

    private final Store store;

    ShapeRoutes(Store store) {
        this.store = store;
    }

    @Override
    public @Nullable Answer answer(ApiRequest request) throws IOException {
        return switch (request.route()) {
            case "GET /api/shapes2" -> {
                request.requireAdmin();
                yield shapes();
            }
            case "GET /api/get_table_column_names" -> {
                request.requireAdmin();
                yield columnNames();
            }
            case "GET /api/json_schemas" -> {
                request.requireAdmin();
                String format = request.parameter("format");
                JsonSchemas schemas = new JsonSchemas(
                        switch (format == null ? ValueFormat.CLEAN : ValueFormat.parse(format)) {
                            case CLEAN -> JsonSchemas.Format.CLEAN;
                            case ENCODED -> JsonSchemas.Format.ENCODED;
                            case EXPORT -> JsonSchemas.Format.EXPORT;
                        });
                yield jsonSchemas(schemas, "true".equals(request.parameter("deltaSchema")),
                        "true".equals(request.parameter("byComponent")));
            }
            default -> null;
        };
    }

    private DocumentTransaction begin() {
        return DocumentTransaction.begin(store, new TransactionUsage(TransactionLimits.NONE));
    }

    private static Shape shape(DocumentTransaction transaction, String table) {
        Shape shape = new Shape(transaction.tableNames());
        transaction.scan(table, "by_creation_time", IndexBounds.ALL, false, null)
                .forEachRemaining(document -> shape.add(document.value()));
        return shape;
    }

    private Answer shapes() {
        try (DocumentTransaction transaction = begin()) {
            ConvexObject.Builder shapes = ConvexObject.builder();
            transaction.tableNumbers().keySet()
                    .forEach(table -> shapes.put(table, ShapeJson.of(shape(transaction, table))));
            return Answer.json(ConvexJson.encode(shapes.build()));
        }
    }

    private Answer columnNames() {
        try (DocumentTransaction transaction = begin()) {
            List<Map<String, ?>> tables = new ArrayList<>();
            for (String table : transaction.tableNumbers().keySet()) {
                List<Shape.Case> cases = shape(transaction, table).cases();
                List<String> columns = cases.size() == 1 && cases.getFirst() instanceof Shape.Case.ObjectOf object
                        ? List.copyOf(object.fields().keySet())
                        : List.of("_creationTime", "_id");
                tables.add(Map.of("name", table, "columns", columns));
            }
            return json(Map.of("byComponent", tables.isEmpty() ? Map.of() : Map.of("", tables)));
        }
    }

    private Answer jsonSchemas(JsonSchemas schemas, boolean isOfDeltas, boolean isByComponent) {
        try (DocumentTransaction transaction = begin()) {
            Map<String, Object> byTable = new LinkedHashMap<>();
            for (String table : transaction.tableNumbers().keySet()) {
                Map<String, Object> schema = new LinkedHashMap<>(jsonSchema(transaction, table, schemas));
                schema.put("$schema", "http://json-schema.org/draft-07/schema#");
                if (isOfDeltas && schema.get("properties") instanceof Map<?, ?> properties) {
                    schema.put("properties", withChangeFields(properties));
                }
                byTable.put(table, schema);
            }
            return json(isByComponent ? Map.of("", byTable) : byTable);
        }
    }

    private static Map<Object, Object> withChangeFields(Map<?, ?> properties) {
        Map<Object, Object> more = new LinkedHashMap<>(properties);
        more.put("_table", Map.of("type", "string"));
        more.put("_component", Map.of("type", "string"));
        more.put("_ts", Map.of("type", "integer"));
        more.put("_deleted", Map.of("type", "boolean"));
        return more;
    }

    private static Map<String, ?> jsonSchema(DocumentTransaction transaction, String table, JsonSchemas schemas) {
        List<Shape.Case> cases = shape(transaction, table).cases();
        if (cases.isEmpty()) {
            return schemas.ofEmptyTable(table);
        }
        if (cases.size() == 1 && cases.getFirst() instanceof Shape.Case.ObjectOf object) {
            return schemas.of(object);
        }
        Optional<DatabaseSchema> active = transaction.schemas().active();
        if (active.isEmpty()) {
            throw new RequestRefusedException(400, "NoSchemaForExport",
                    "There is no active schema, which is needed for streaming export.");
        }
        TableSchema declared = active.get().tables().get(table);
        return switch (declared == null ? null : declared.documentType()) {
            case null -> throw new RequestRefusedException(400, "NoTableDefinitionForExport",
                    "The table \"%s\" does not have a schema, which is needed for streaming export.".formatted(table));
            case Validator.ObjectOf object -> schemas.ofTable(table, object);
            case Validator.Union _ -> throw new RequestRefusedException(400, "UnsupportedSchemaForExport",
                    ("Schema for table \"%s\" contains a union of object types, which is unsupported for streaming"
                            + " export").formatted(table));
            default -> schemas.ofEmptyTable(table);
        };
    }

    private static Answer json(Map<?, ?> tree) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
        try (JsonGenerator json = ConvexJson.generator(out)) {
            write(json, tree);
        }
        return Answer.json(out.toByteArray());
    }

    private static void write(JsonGenerator json, Object node) {
        switch (node) {
            case Map<?, ?> map -> {
                json.writeStartObject();
                map.forEach((name, value) -> {
                    json.writeName(name.toString());
                    write(json, value);
                });
                json.writeEndObject();
            }
            case List<?> list -> {
                json.writeStartArray();
                list.forEach(element -> write(json, element));
                json.writeEndArray();
            }
            case Boolean value -> json.writeBoolean(value);
            default -> json.writeString(node.toString());
        }
    }
}
