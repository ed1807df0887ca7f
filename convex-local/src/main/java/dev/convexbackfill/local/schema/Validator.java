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
import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexBytes;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a value must look like, as {@code v.…} of the Convex library says it. */
public sealed interface Validator {

    Validator ANY = Scalar.ANY;
    Validator NULL = Scalar.NULL;
    Validator NUMBER = Scalar.NUMBER;
    Validator INT64 = Scalar.INT64;
    Validator BOOLEAN = Scalar.BOOLEAN;
    Validator STRING = Scalar.STRING;
    Validator BYTES = Scalar.BYTES;

    static Validator literal(String value) {
        return new Literal(ConvexValue.of(value));
    }

    static Validator array(Validator element) {
        return new ArrayOf(element);
    }

    /** An object of any field names. */
    static Validator record(Validator value) {
        return new RecordOf(value);
    }

    static Validator union(Validator... members) {
        return new Union(List.of(members));
    }

    static Validator nullable(Validator member) {
        return union(member, NULL);
    }

    /** An object without fields, to be given some with {@link ObjectOf#field} and {@link ObjectOf#optional}. */
    static ObjectOf object() {
        return new ObjectOf(Map.of());
    }

    /** What is wrong with {@code value}, in Convex's words; null if nothing is. */
    @Nullable
    String problem(ConvexValue value);

    /** The validator's own JSON, as function specifications show it. */
    ConvexObject toJson();

    private static ConvexObject typed(String type) {
        return ConvexObject.of("type", ConvexValue.of(type));
    }

    private static String noMatch(ConvexValue value, Validator validator) {
        return "Value does not match validator.\n\nValue: %s\nValidator: %s".formatted(ConvexJson.encodeToString(value),
                validator);
    }

    /** A type without parts. */
    enum Scalar implements Validator {
        ANY("any", "any", ConvexValue.class), NULL("null", "null", ConvexNull.class), NUMBER("number", "float64",
                ConvexFloat64.class), INT64("bigint", "int64", ConvexInt64.class), BOOLEAN("boolean", "boolean",
                        ConvexBoolean.class), STRING("string", "string",
                                ConvexString.class), BYTES("bytes", "bytes", ConvexBytes.class);

        private final String json;
        private final String function;
        private final Class<? extends ConvexValue> type;

        Scalar(String json, String function, Class<? extends ConvexValue> type) {
            this.json = json;
            this.function = function;
            this.type = type;
        }

        @Override
        public @Nullable String problem(ConvexValue value) {
            return type.isInstance(value) ? null : noMatch(value, this);
        }

        @Override
        public ConvexObject toJson() {
            return typed(json);
        }

        @Override
        public String toString() {
            return "v." + function + "()";
        }
    }

    /** One value only. */
    record Literal(ConvexValue value) implements Validator {

        @Override
        public @Nullable String problem(ConvexValue other) {
            return value.equals(other) ? null
                    : "`%s` does not match literal validator `%s`.".formatted(ConvexJson.encodeToString(other), this);
        }

        @Override
        public ConvexObject toJson() {
            return typed("literal").with("value", value);
        }

        @Override
        public String toString() {
            return "v.literal(" + ConvexJson.encodeToString(value) + ")";
        }
    }

    /** An array of one kind of element. */
    record ArrayOf(Validator element) implements Validator {

        @Override
        public @Nullable String problem(ConvexValue value) {
            if (!(value instanceof ConvexArray array)) {
                return noMatch(value, this);
            }
            for (ConvexValue member : array) {
                String problem = element.problem(member);
                if (problem != null) {
                    return problem;
                }
            }
            return null;
        }

        @Override
        public ConvexObject toJson() {
            return typed("array").with("value", element.toJson());
        }

        @Override
        public String toString() {
            return "v.array(" + element + ")";
        }
    }

    /** An object of any field names and one kind of value. */
    record RecordOf(Validator value) implements Validator {

        @Override
        public @Nullable String problem(ConvexValue candidate) {
            if (!(candidate instanceof ConvexObject object)) {
                return noMatch(candidate, this);
            }
            for (int i = 0; i < object.size(); i++) {
                String problem = value.problem(object.value(i));
                if (problem != null) {
                    return problem;
                }
            }
            return null;
        }

        @Override
        public ConvexObject toJson() {
            return typed("record").with("keys", STRING.toJson()).with("values",
                    ConvexObject.of("fieldType", value.toJson(), "optional", ConvexValue.of(false)));
        }

        @Override
        public String toString() {
            return "v.record(v.string(), " + value + ")";
        }
    }

    /** One of several. */
    record Union(List<Validator> members) implements Validator {

        public Union {
            members = List.copyOf(members);
        }

        @Override
        public @Nullable String problem(ConvexValue value) {
            return members.stream().anyMatch(member -> member.problem(value) == null) ? null : noMatch(value, this);
        }

        @Override
        public ConvexObject toJson() {
            return typed("union").with("value", ConvexValue.array(members.stream().map(Validator::toJson).toList()));
        }

        @Override
        public String toString() {
            return members.stream().map(Object::toString).collect(Collectors.joining(", ", "v.union(", ")"));
        }
    }

    /** An object of exactly these fields. */
    record ObjectOf(Map<String, Field> fields) implements Validator {

        /** A field and whether it may be missing. */
        public record Field(Validator type, boolean optional) {

            @Override
            public String toString() {
                return optional ? "v.optional(" + type + ")" : type.toString();
            }
        }

        public ObjectOf {
            fields = Map.copyOf(fields);
        }

        /** This object with one more field. */
        public ObjectOf field(String name, Validator type) {
            return with(name, new Field(type, false));
        }

        /** This object with one more field, which may be missing. */
        public ObjectOf optional(String name, Validator type) {
            return with(name, new Field(type, true));
        }

        private ObjectOf with(String name, Field field) {
            Map<String, Field> more = new TreeMap<>(fields);
            more.put(name, field);
            return new ObjectOf(more);
        }

        @Override
        public @Nullable String problem(ConvexValue value) {
            if (!(value instanceof ConvexObject object)) {
                return noMatch(value, this);
            }
            for (Map.Entry<String, Field> field : new TreeMap<>(fields).entrySet()) {
                ConvexValue present = object.get(field.getKey());
                if (present == null && !field.getValue().optional()) {
                    return """
                            Object is missing the required field `%s`. Consider wrapping the field validator in \
                            `v.optional(...)` if this is expected.

                            Object: %s
                            Validator: %s""".formatted(field.getKey(), ConvexJson.encodeToString(object), this);
                }
                String problem = present == null ? null : field.getValue().type().problem(present);
                if (problem != null) {
                    return problem;
                }
            }
            for (String name : object.names()) {
                if (!fields.containsKey(name)) {
                    return """
                            Object contains extra field `%s` that is not in the validator.

                            Object: %s
                            Validator: %s""".formatted(name, ConvexJson.encodeToString(object), this);
                }
            }
            return null;
        }

        @Override
        public ConvexObject toJson() {
            ConvexObject.Builder json = ConvexObject.builder();
            fields.forEach((name, field) -> json.put(name,
                    ConvexObject.of("fieldType", field.type().toJson(), "optional", ConvexValue.of(field.optional()))));
            return typed("object").with("value", json.build());
        }

        @Override
        public String toString() {
            return new TreeMap<>(fields).entrySet().stream().map(field -> field.getKey() + ": " + field.getValue())
                    .collect(Collectors.joining(", ", "v.object({", "})"));
        }
    }
}
