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

import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexBytes;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a value must look like, as {@code v.…} of the Convex library says it. */
public sealed interface Validator {

    Validator ANY = Scalar.ANY;
    Validator NULL = Scalar.NULL;
    Validator NUMBER = Scalar.NUMBER;
    Validator INT64 = Scalar.INT64;
    /** The time of the commit that wrote it: an int64. */
    Validator COMMIT_TS = Scalar.COMMIT_TS;
    Validator BOOLEAN = Scalar.BOOLEAN;
    Validator STRING = Scalar.STRING;
    Validator BYTES = Scalar.BYTES;

    static Validator literal(String value) {
        return new Literal(ConvexValue.of(value));
    }

    /** One value only. Throws {@link InvalidSchemaException} for what can't be a literal: null, bytes, arrays, objects. */
    static Validator literal(ConvexValue value) {
        return new Literal(value);
    }

    /** The id of a document of {@code table}, which need not exist. */
    static Validator id(String table) {
        return new Id(table);
    }

    static Validator array(Validator element) {
        return new ArrayOf(element);
    }

    /** An object of any field names. */
    static Validator record(Validator values) {
        return new RecordOf(STRING, values);
    }

    /** An object whose field names are what {@code keys} wants. */
    static Validator record(Validator keys, Validator values) {
        return new RecordOf(keys, values);
    }

    static Validator union(Validator... members) {
        return new Union(List.of(members));
    }

    static Validator nullable(Validator member) {
        return union(member, NULL);
    }

    /** An object without fields, to be given some with {@link ObjectOf#field} and {@link ObjectOf#optional}. */
    static ObjectOf object() {
        return new ObjectOf(new TreeMap<>());
    }

    /**
     * Reads a validator as {@code exportArgs()} and {@code schema.export()} of the Convex library write it. Throws
     * {@link InvalidSchemaException}.
     */
    static Validator fromJson(ConvexValue json) {
        return ValidatorJson.read(json);
    }

    /** What is wrong with {@code value}, in Convex's words; null if nothing is. */
    @Nullable
    String problem(ConvexValue value, TableNames tables);

    /** The validator's own JSON, as function specifications show it. */
    ConvexObject toJson();

    // No method has a body here: a class whose interface has one initializes the interface first, and this one's constants
    // need the class, so that two threads could wait for each other.

    /** A type without parts. */
    enum Scalar implements Validator {
        ANY("any", "any", ConvexValue.class), NULL("null", "null", ConvexNull.class), NUMBER("number", "float64",
                ConvexFloat64.class), INT64("bigint", "int64", ConvexInt64.class), COMMIT_TS("commitTs", "commitTs",
                        ConvexInt64.class), BOOLEAN("boolean", "boolean", ConvexBoolean.class), STRING("string",
                                "string", ConvexString.class), BYTES("bytes", "bytes", ConvexBytes.class);

        private final String json;
        private final String function;
        private final Class<? extends ConvexValue> type;

        Scalar(String json, String function, Class<? extends ConvexValue> type) {
            this.json = json;
            this.function = function;
            this.type = type;
        }

        String json() {
            return json;
        }

        Class<? extends ConvexValue> type() {
            return type;
        }

        @Override
        public @Nullable String problem(ConvexValue value, TableNames tables) {
            return new ValueCheck(tables).problem(this, value);
        }

        @Override
        public ConvexObject toJson() {
            return ValidatorJson.write(this);
        }

        @Override
        public String toString() {
            return "v." + function + "()";
        }
    }

    /** One value only. */
    record Literal(ConvexValue value) implements Validator {

        public Literal {
            switch (value) {
                case ConvexFloat64 _,ConvexInt64 _,ConvexBoolean _,ConvexString _ -> {
                }
                default -> throw new InvalidSchemaException("InvalidLiteral",
                        "Value %s is not a valid literal.".formatted(ValueText.of(value)));
            }
        }

        @Override
        public @Nullable String problem(ConvexValue value, TableNames tables) {
            return new ValueCheck(tables).problem(this, value);
        }

        @Override
        public ConvexObject toJson() {
            return ValidatorJson.write(this);
        }

        @Override
        public String toString() {
            return "v.literal(" + switch (value) {
                case ConvexInt64 _ -> "<bigint>";
                case ConvexFloat64(double n) -> Double.isFinite(n) ? ValueText.number(n) : "<number>";
                default -> ConvexJson.encodeToString(value);
            } + ")";
        }
    }

    /** The id of a document of one table. */
    record Id(String table) implements Validator {

        @Override
        public @Nullable String problem(ConvexValue value, TableNames tables) {
            return new ValueCheck(tables).problem(this, value);
        }

        @Override
        public ConvexObject toJson() {
            return ValidatorJson.write(this);
        }

        @Override
        public String toString() {
            return "v.id(\"" + table + "\")";
        }
    }

    /** An array of one kind of element. */
    record ArrayOf(Validator element) implements Validator {

        @Override
        public @Nullable String problem(ConvexValue value, TableNames tables) {
            return new ValueCheck(tables).problem(this, value);
        }

        @Override
        public ConvexObject toJson() {
            return ValidatorJson.write(this);
        }

        @Override
        public String toString() {
            return "v.array(" + element + ")";
        }
    }

    /** An object of any number of fields, with one kind of name and one kind of value. */
    record RecordOf(Validator keys, Validator values) implements Validator {

        @Override
        public @Nullable String problem(ConvexValue value, TableNames tables) {
            return new ValueCheck(tables).problem(this, value);
        }

        @Override
        public ConvexObject toJson() {
            return ValidatorJson.write(this);
        }

        @Override
        public String toString() {
            return "v.record(" + keys + ", " + values + ")";
        }
    }

    /** One of several. */
    record Union(List<Validator> members) implements Validator {

        public Union {
            members = List.copyOf(members);
        }

        @Override
        public @Nullable String problem(ConvexValue value, TableNames tables) {
            return new ValueCheck(tables).problem(this, value);
        }

        @Override
        public ConvexObject toJson() {
            return ValidatorJson.write(this);
        }

        @Override
        public String toString() {
            return members.stream().map(Object::toString).collect(Collectors.joining(", ", "v.union(", ")"));
        }
    }

    /** An object of exactly these fields, in the order of their names. */
    record ObjectOf(SortedMap<String, Field> fields) implements Validator {

        /** A field and whether it may be missing. */
        public record Field(Validator type, boolean optional) {

            @Override
            public String toString() {
                return optional ? "v.optional(" + type + ")" : type.toString();
            }
        }

        public ObjectOf {
            fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
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
            SortedMap<String, Field> more = new TreeMap<>(fields);
            more.put(name, field);
            return new ObjectOf(more);
        }

        /** This object without the fields that only Convex writes. */
        ObjectOf withoutSystemFields() {
            return new ObjectOf(fields.entrySet().stream().filter(field -> !field.getKey().startsWith("_"))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, _) -> a, TreeMap::new)));
        }

        @Override
        public @Nullable String problem(ConvexValue value, TableNames tables) {
            return new ValueCheck(tables).problem(this, value);
        }

        @Override
        public ConvexObject toJson() {
            return ValidatorJson.write(this);
        }

        @Override
        public String toString() {
            return fields.entrySet().stream().map(field -> field.getKey() + ": " + field.getValue())
                    .collect(Collectors.joining(", ", "v.object({", "})"));
        }
    }
}
