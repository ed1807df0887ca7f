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
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.local.schema.Validator.ArrayOf;
import dev.convexbackfill.local.schema.Validator.Literal;
import dev.convexbackfill.local.schema.Validator.ObjectOf;
import dev.convexbackfill.local.schema.Validator.RecordOf;
import dev.convexbackfill.local.schema.Validator.Scalar;
import dev.convexbackfill.local.schema.Validator.Union;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a value is not what its validator wants. Source: {@code crates/common/src/schemas/validator.rs} of the Convex
 * backend.
 */
final class ValueCheck {

    private final TableNames tables;

    ValueCheck(TableNames tables) {
        this.tables = tables;
    }

    /** A value that is wrong; the path to it stands between two parts of the message, if there is one. */
    private record Mismatch(String before, String path, String after, Misfit misfit) {

        Mismatch below(String step) {
            return new Mismatch(before, step + path, after, misfit.below(step));
        }

        String message() {
            return before + (path.isEmpty() ? "" : "Path: " + path) + after;
        }
    }

    @Nullable
    String problem(Validator validator, ConvexValue value) {
        Mismatch mismatch = check(validator, value);
        return mismatch == null ? null : mismatch.message();
    }

    /** As {@link #problem}, in parts. */
    @Nullable
    Misfit misfit(Validator validator, ConvexValue value) {
        Mismatch mismatch = check(validator, value);
        return mismatch == null ? null : mismatch.misfit();
    }

    private @Nullable Mismatch check(Validator validator, ConvexValue value) {
        return switch (validator) {
            case Scalar scalar -> scalar.type().isInstance(value) ? null : noMatch(validator, value);
            case Literal literal -> literal.value().equals(value) ? null
                    : new Mismatch(
                            "`%s` does not match literal validator `%s`.".formatted(ValueText.of(value), literal),
                            "", "", Misfit.of(validator, value));
            case Validator.Id id -> checkId(id, value);
            case ArrayOf array -> value instanceof ConvexArray elements ? checkElements(array, elements)
                    : noMatch(validator, value);
            case RecordOf record -> value instanceof ConvexObject object ? checkEntries(record, object)
                    : noMatch(validator, value);
            case ObjectOf fields -> value instanceof ConvexObject object ? checkFields(fields, object)
                    : noMatch(validator, value);
            case Union union when union.members().size() == 1 -> check(union.members().getFirst(), value);
            case Union union -> union.members().stream().anyMatch(member -> check(member, value) == null) ? null
                    : noMatch(validator, value);
        };
    }

    private static Mismatch noMatch(Validator validator, ConvexValue value) {
        return new Mismatch("Value does not match validator.\n", "",
                "\nValue: %s\nValidator: %s".formatted(ValueText.of(value), validator), Misfit.of(validator, value));
    }

    private @Nullable Mismatch checkId(Validator.Id wanted, ConvexValue value) {
        String table = value instanceof ConvexString(String text) && DocumentId.isValid(text)
                ? tables.nameOf(DocumentId.parse(text).tableNumber())
                : null;
        if (table == null) {
            return noMatch(wanted, value);
        }
        if (table.equals(wanted.table())) {
            return null;
        }
        return new Mismatch(
                "Found ID %s from %s, which does not match the table name in validator `%s`.".formatted(
                        ValueText.of(value), table.startsWith("_") ? "a system table" : "table `" + table + "`",
                        wanted),
                "", "", Misfit.of(wanted, value));
    }

    private @Nullable Mismatch checkElements(ArrayOf array, ConvexArray elements) {
        for (int i = 0; i < elements.size(); i++) {
            Mismatch mismatch = check(array.element(), elements.get(i));
            if (mismatch != null) {
                return mismatch.below("[" + i + "]");
            }
        }
        return null;
    }

    private @Nullable Mismatch checkEntries(RecordOf record, ConvexObject object) {
        for (int i = 0; i < object.size(); i++) {
            Mismatch key = check(record.keys(), ConvexValue.of(object.name(i)));
            if (key != null) {
                return key.below(".keys()");
            }
            Mismatch entry = check(record.values(), object.value(i));
            if (entry != null) {
                return entry.below(".values()");
            }
        }
        return null;
    }

    private @Nullable Mismatch checkFields(ObjectOf validator, ConvexObject object) {
        for (Map.Entry<String, ObjectOf.Field> field : validator.fields().entrySet()) {
            ConvexValue value = object.get(field.getKey());
            if (value == null && !field.getValue().optional()) {
                return wrongFields("""
                        Object is missing the required field `%s`. Consider wrapping the field validator in \
                        `v.optional(...)` if this is expected.""".formatted(field.getKey()), validator, object,
                        Misfit.missing(field.getKey(), field.getValue().type()));
            }
            Mismatch mismatch = value == null ? null : check(field.getValue().type(), value);
            if (mismatch != null) {
                return mismatch.below("." + field.getKey());
            }
        }
        for (String name : object.names()) {
            if (!validator.fields().containsKey(name)) {
                return wrongFields("Object contains extra field `%s` that is not in the validator.".formatted(name),
                        validator, object, Misfit.extra(name, object.require(name)));
            }
        }
        return null;
    }

    private static Mismatch wrongFields(String what, ObjectOf validator, ConvexObject object, Misfit misfit) {
        return new Mismatch(what + "\n", "",
                "\nObject: %s\nValidator: %s".formatted(ValueText.of(object), validator), misfit);
    }
}
