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

import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.schema.Validator.ArrayOf;
import dev.convexbackfill.local.schema.Validator.Literal;
import dev.convexbackfill.local.schema.Validator.ObjectOf;
import dev.convexbackfill.local.schema.Validator.RecordOf;
import dev.convexbackfill.local.schema.Validator.Scalar;
import dev.convexbackfill.local.schema.Validator.Union;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The JSON of validators. Source: {@code ValidatorJson} in {@code crates/common/src/schemas/json.rs} of the Convex backend. */
final class ValidatorJson {

    private ValidatorJson() {}

    static Validator read(ConvexValue json) {
        if (!(json instanceof ConvexObject object)) {
            throw notAValidator(json);
        }
        try {
            return read(object);
        } catch (InvalidValueException malformed) {
            throw new InvalidSchemaException("InvalidValidator", "%s in the validator %s".formatted(
                    malformed.getMessage(), ValueText.of(json)));
        }
    }

    private static InvalidSchemaException notAValidator(ConvexValue json) {
        return new InvalidSchemaException("InvalidValidator", "%s is not a validator".formatted(ValueText.of(json)));
    }

    private static Validator read(ConvexObject json) {
        return switch (json.string("type")) {
            // two types that Convex had once
            case "any", "map", "set" -> Scalar.ANY;
            case "null" -> Scalar.NULL;
            case "number" -> Scalar.NUMBER;
            case "bigint" -> Scalar.INT64;
            case "commitTs" -> Scalar.COMMIT_TS;
            case "boolean" -> Scalar.BOOLEAN;
            case "string" -> Scalar.STRING;
            case "bytes" -> Scalar.BYTES;
            case "literal" -> readLiteral(json.require("value"));
            case "id" -> readId(json.string("tableName"));
            case "array" -> new ArrayOf(read(json.require("value")));
            case "record" -> readRecord(json);
            case "object" -> readObject(json.object("value"));
            case "union" -> {
                List<Validator> members = new ArrayList<>();
                for (ConvexValue member : json.array("value")) {
                    members.add(read(member));
                }
                yield new Union(members);
            }
            default -> throw notAValidator(json);
        };
    }

    private static Validator readLiteral(ConvexValue value) {
        if (value instanceof ConvexFloat64(double n) && !Double.isFinite(n)) {
            throw new InvalidSchemaException("UnsupportedFloatLiteral",
                    "Infinite or NaN values are not supported in literal validators.");
        }
        return new Literal(value);
    }

    private static Validator readId(String table) {
        if (!FieldName.isIdentifier(table)) {
            throw InvalidSchemaException.tableName(table);
        }
        return new Validator.Id(table);
    }

    private static Validator readRecord(ConvexObject json) {
        Validator keys = read(json.require("keys"));
        ConvexObject values = json.object("values");
        if (!isSubtypeOfString(keys)) {
            throw new InvalidSchemaException("InvalidRecordType", """
                    Records can only have string keys. Your validator contains a record with key typed as `%s`, \
                    which is not a subtype of `v.string()`""".formatted(keys));
        }
        if (hasLiteral(keys)) {
            throw new InvalidSchemaException("InvalidRecordType", "Records cannot have string literal keys");
        }
        if (values.bool("optional")) {
            throw new InvalidSchemaException("InvalidRecordType", "Records cannot have optional values");
        }
        return new RecordOf(keys, read(values.require("fieldType")));
    }

    private static boolean isSubtypeOfString(Validator keys) {
        return switch (keys) {
            case Scalar scalar -> scalar == Scalar.STRING;
            case Literal literal -> literal.value() instanceof ConvexString;
            case Validator.Id _ -> true;
            case Union union -> union.members().stream().allMatch(ValidatorJson::isSubtypeOfString);
            case ArrayOf _,RecordOf _,ObjectOf _ -> false;
        };
    }

    private static boolean hasLiteral(Validator keys) {
        return keys instanceof Literal
                || (keys instanceof Union union && union.members().stream().anyMatch(ValidatorJson::hasLiteral));
    }

    private static Validator readObject(ConvexObject json) {
        SortedMap<String, ObjectOf.Field> fields = new TreeMap<>();
        json.forEach((name, value) -> {
            if (!(value instanceof ConvexObject field)) {
                throw notAValidator(value);
            }
            try {
                fields.put(name, new ObjectOf.Field(read(field.require("fieldType")), field.bool("optional")));
            } catch (InvalidSchemaException invalid) {
                throw new InvalidSchemaException(invalid.code(),
                        "Invalid validator for key `%s`: %s".formatted(name, invalid.getMessage()));
            }
        });
        return new ObjectOf(fields);
    }

    static ConvexObject write(Validator validator) {
        return switch (validator) {
            case Scalar scalar -> typed(scalar.json());
            case Literal literal -> typed("literal").with("value", literal.value());
            case Validator.Id id -> typed("id").with("tableName", ConvexValue.of(id.table()));
            case ArrayOf array -> typed("array").with("value", write(array.element()));
            case RecordOf record -> typed("record").with("keys", write(record.keys())).with("values",
                    field(new ObjectOf.Field(record.values(), false)));
            case Union union -> typed("union").with("value",
                    ConvexValue.array(union.members().stream().map(ValidatorJson::write).toList()));
            case ObjectOf object -> {
                ConvexObject.Builder fields = ConvexObject.builder();
                object.fields().forEach((name, field) -> fields.put(name, field(field)));
                yield typed("object").with("value", fields.build());
            }
        };
    }

    private static ConvexObject typed(String type) {
        return ConvexObject.of("type", ConvexValue.of(type));
    }

    private static ConvexObject field(ObjectOf.Field field) {
        return ConvexObject.of("fieldType", write(field.type()), "optional", ConvexValue.of(field.optional()));
    }
}
