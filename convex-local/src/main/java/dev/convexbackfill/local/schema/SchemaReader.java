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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.InvalidValueException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads schemas. Source: {@code crates/common/src/schemas/json.rs} of the Convex backend. */
final class SchemaReader {

    private static final String SEE_DOCUMENTATION = "To learn more, see the schema documentation at"
            + " https://docs.convex.dev/database/schemas.";

    private final boolean isOfDeveloper;

    private SchemaReader(boolean isOfDeveloper) {
        this.isOfDeveloper = isOfDeveloper;
    }

    static DatabaseSchema ofDeveloper(String json) {
        DatabaseSchema schema = new SchemaReader(true).read(json);
        if (schema.schemaValidation()) {
            schema.tables().values().forEach(IndexRules::requireFieldsThatExist);
        }
        return schema;
    }

    static DatabaseSchema ofDeployment(String json) {
        return new SchemaReader(false).read(json);
    }

    private DatabaseSchema read(String json) {
        try {
            ConvexObject schema = ConvexJson.decodeObject(json.getBytes(StandardCharsets.UTF_8));
            List<TableSchema> tables = list(schema.get("tables"), this::readTable);
            return DatabaseSchema.of(tables, schema.has("schemaValidation") && schema.bool("schemaValidation"));
        } catch (InvalidValueException malformed) {
            throw new InvalidSchemaException("InvalidSchemaExport",
                    "Default export from schema file isn't a Convex schema. %s %s".formatted(SEE_DOCUMENTATION,
                            malformed.getMessage()));
        }
    }

    private TableSchema readTable(ConvexObject json) {
        String name = json.string("tableName");
        if (!FieldName.isIdentifier(name)) {
            throw InvalidSchemaException.tableName(name);
        }
        if (name.startsWith("_")) {
            throw new InvalidSchemaException("TableNameReserved", "%s is a reserved table name.".formatted(name));
        }
        ConvexValue type = json.get("documentType");
        TableSchema table = new TableSchema(name,
                indexes(name, json.get("indexes"), this::readIndex),
                indexes(name, json.get("stagedDbIndexes"), this::readIndex),
                indexes(name, json.get("searchIndexes"), SchemaReader::readSearchIndex),
                indexes(name, json.get("stagedSearchIndexes"), SchemaReader::readSearchIndex),
                indexes(name, json.get("vectorIndexes"), SchemaReader::readVectorIndex),
                indexes(name, json.get("stagedVectorIndexes"), SchemaReader::readVectorIndex),
                type == null || type == ConvexNull.NULL ? null : documentType(Validator.fromJson(type)));
        IndexRules.require(table);
        return table;
    }

    private static Validator documentType(Validator type) {
        return switch (type) {
            case Validator.Scalar scalar when scalar == Validator.ANY -> type;
            case Validator.ObjectOf object -> object.withoutSystemFields();
            case Validator.Union union -> {
                List<Validator> members = new ArrayList<>();
                for (Validator member : union.members()) {
                    if (!(member instanceof Validator.ObjectOf object)) {
                        throw invalidDocumentType(member);
                    }
                    members.add(object.withoutSystemFields());
                }
                yield members.size() == 1 ? members.getFirst() : new Validator.Union(members);
            }
            default -> throw invalidDocumentType(type);
        };
    }

    private static InvalidSchemaException invalidDocumentType(Validator type) {
        return new InvalidSchemaException("InvalidTopLevelTypeInSchemaError", """
                The document validator in a schema must be an object, a union of objects, or `v.any()`. Found %s. %s"""
                .formatted(type, SEE_DOCUMENTATION));
    }

    private static <T> List<T> indexes(String table, @Nullable ConvexValue json, Function<ConvexObject, T> read) {
        try {
            return list(json, read);
        } catch (InvalidSchemaException invalid) {
            throw new InvalidSchemaException(invalid.code(),
                    "In table \"%s\": %s".formatted(table, invalid.getMessage()));
        }
    }

    private IndexSchema readIndex(ConvexObject json) {
        String name = indexName(json);
        List<String> fields = new ArrayList<>();
        for (ConvexValue field : json.array("fields")) {
            fields.add(IndexRules.requirePath(name, string(field)));
        }
        if (isOfDeveloper && !fields.isEmpty()) {
            IndexRules.requireFieldsOfDeveloper(fields);
            fields.add(FieldName.CREATION_TIME);
        }
        IndexRules.requireFields(name, fields);
        return new IndexSchema(name, fields);
    }

    private static SearchIndexSchema readSearchIndex(ConvexObject json) {
        String name = indexName(json);
        return new SearchIndexSchema(name, IndexRules.requirePath(name, json.string("searchField")),
                filterFields(name, json));
    }

    private static VectorIndexSchema readVectorIndex(ConvexObject json) {
        String name = indexName(json);
        return new VectorIndexSchema(name, IndexRules.requirePath(name, json.string("vectorField")),
                (int) json.wholeNumber(json.has("dimensions") ? "dimensions" : "dimension"),
                filterFields(name, json));
    }

    private static List<String> filterFields(String index, ConvexObject json) {
        List<String> fields = new ArrayList<>();
        for (ConvexValue field : json.array("filterFields")) {
            fields.add(IndexRules.requirePath(index, string(field)));
        }
        return fields;
    }

    private static String indexName(ConvexObject json) {
        return IndexRules.requireName(json.string("indexDescriptor"));
    }

    private static String string(ConvexValue value) {
        if (value instanceof ConvexString(String text)) {
            return text;
        }
        throw new InvalidValueException("%s is no field".formatted(ValueText.of(value)));
    }

    private static <T> List<T> list(@Nullable ConvexValue json, Function<ConvexObject, T> read) {
        List<T> elements = new ArrayList<>();
        if (json instanceof ConvexArray array) {
            for (ConvexValue element : array) {
                if (!(element instanceof ConvexObject object)) {
                    throw new InvalidValueException("%s is no object".formatted(ValueText.of(element)));
                }
                elements.add(read.apply(object));
            }
        } else if (json != null && json != ConvexNull.NULL) {
            throw new InvalidValueException("%s is no array".formatted(ValueText.of(json)));
        }
        return elements;
    }
}
