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
package dev.convexbackfill.local.shape;

import dev.convexbackfill.local.schema.Validator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * JSON Schemas of values in one of Convex's formats, as trees of maps, lists and scalars. Source:
 * {@code crates/common/src/json_schemas} and {@code crates/local_backend/src/streaming_export.rs} of the Convex backend.
 */
public final class JsonSchemas {

    private static final String DESCRIPTION = "$description";

    /** How values are written that JSON lacks. */
    public enum Format {
        CLEAN, ENCODED, EXPORT
    }

    private final Format format;

    public JsonSchemas(Format format) {
        this.format = format;
    }

    /** A field's schema, and whether the field may be missing. */
    private record Field(Map<String, ?> schema, boolean optional) {}

    /** Of documents with nothing but what every document has. */
    public Map<String, ?> ofEmptyTable(String table) {
        return object(systemFields(table));
    }

    private Map<String, Field> systemFields(String table) {
        Map<String, Field> fields = new TreeMap<>();
        fields.put("_id", new Field(id(table), false));
        fields.put("_creationTime", new Field(Map.of("type", "number"), false));
        return fields;
    }

    public Map<String, ?> of(Shape shape) {
        List<Shape.Case> cases = shape.cases();
        return cases.size() == 1 ? of(cases.getFirst())
                // false would be Convex's word for no value at all, which has no place in a map
                : Map.of("anyOf", cases.stream().map(this::of).toList());
    }

    /** Of one kind of value. */
    public Map<String, ?> of(Shape.Case single) {
        return switch (single) {
            case Shape.Case.Scalar scalar -> switch (scalar) {
                case NULL -> Map.of("type", "null");
                case INT64 -> int64();
                case BOOLEAN -> Map.of("type", "boolean");
                case STRING -> Map.of("type", "string");
                case BYTES -> bytes();
            };
            case Shape.Case.Float64(boolean hasSpecialValues) -> float64(hasSpecialValues);
            case Shape.Case.Id(String table) -> id(table);
            case Shape.Case.ArrayOf(Shape element) -> array(of(element));
            case Shape.Case.RecordOf _ -> Map.of();
            case Shape.Case.ObjectOf object -> {
                Map<String, Field> fields = new TreeMap<>();
                object.fields().forEach((name, field) -> fields.put(name,
                        new Field(of(field.shape()), field.optional())));
                yield object(fields);
            }
        };
    }

    /** Of the documents that a schema declares for a table. */
    public Map<String, ?> ofTable(String table, Validator.ObjectOf documentType) {
        Map<String, Field> fields = systemFields(table);
        documentType.fields().forEach((name, field) -> fields.put(name, new Field(of(field.type()), field.optional())));
        return object(fields);
    }

    private Map<String, ?> of(Validator validator) {
        return switch (validator) {
            case Validator.Scalar scalar -> switch (scalar) {
                case ANY -> Map.of();
                case NULL -> Map.of("type", "null");
                case NUMBER -> float64(true);
                case INT64, COMMIT_TS -> int64();
                case BOOLEAN -> Map.of("type", "boolean");
                case STRING -> Map.of("type", "string");
                case BYTES -> bytes();
            };
            case Validator.Literal literal -> switch (literal.value().typeName()) {
                case "number" -> float64(true);
                case "int64" -> int64();
                default -> Map.of("type", literal.value().typeName());
            };
            case Validator.Id id -> id(id.table());
            case Validator.ArrayOf array -> array(of(array.element()));
            case Validator.RecordOf record -> described("Record with keys of type " + record.keys(), Map.of(
                    "type", "object", "additionalProperties", Map.of("type", of(record.values()))));
            case Validator.Union union -> Map.of("anyOf", union.members().stream().map(this::of).toList());
            case Validator.ObjectOf object -> {
                Map<String, Field> fields = new TreeMap<>();
                object.fields().forEach((name, field) -> fields.put(name,
                        new Field(of(field.type()), field.optional())));
                yield object(fields);
            }
        };
    }

    private static Map<String, ?> id(String table) {
        return described("Id(" + table + ")", Map.of("type", "string"));
    }

    private Map<String, ?> int64() {
        return switch (format) {
            case CLEAN -> described("int64 represented as base10 string", Map.of("type", "string"));
            case ENCODED -> described("int64", special("$integer",
                    described("int64 -> little-endian -> base64", Map.of("type", "string"))));
            case EXPORT -> described("int64", Map.of("type", "number"));
        };
    }

    private Map<String, ?> float64(boolean hasSpecialValues) {
        Map<String, ?> number = Map.of("type", "number");
        if (!hasSpecialValues) {
            return number;
        }
        Map<String, ?> other = format == Format.CLEAN
                ? described("-inf, inf, or NaN", Map.of("type", "string"))
                : described(format == Format.ENCODED ? "-0, -inf, inf, or NaN" : "-inf, inf, or NaN",
                        special("$float", described("float64 -> little-endian -> base64", Map.of("type", "string"))));
        return described("float64", Map.of("anyOf", List.of(number, other)));
    }

    private Map<String, ?> bytes() {
        return described("base64 bytes", format == Format.CLEAN ? Map.of("type", "string")
                : special("$bytes", Map.of("type", "string")));
    }

    private static Map<String, ?> special(String name, Map<String, ?> value) {
        return Map.of("type", "object", "properties", Map.of(name, value));
    }

    private static Map<String, ?> described(String description, Map<String, ?> schema) {
        Map<String, Object> described = new LinkedHashMap<>(schema);
        described.put(DESCRIPTION, description);
        return described;
    }

    private static Map<String, ?> array(Map<String, ?> element) {
        return Map.of("type", "array", "items", element);
    }

    private static Map<String, ?> object(Map<String, Field> fields) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        fields.forEach((name, field) -> {
            properties.put(name, field.schema());
            if (!field.optional()) {
                required.add(name);
            }
        });
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("type", "object");
        object.put("properties", properties);
        object.put("additionalProperties", false);
        object.put("required", required);
        return object;
    }
}
