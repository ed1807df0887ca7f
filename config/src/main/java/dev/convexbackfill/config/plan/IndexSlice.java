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
package dev.convexbackfill.config.plan;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.ValueOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Documents that lie side by side in an index: those that hold some values in its first fields, and lie in a range of the next.
 *
 * @param index  its name
 * @param equalities the first fields, in the order of the index
 * @param range  of the field after them; null for all of its values
 */
public record IndexSlice(String index, List<Equality> equalities, @Nullable FieldRange range) {

    /** Convex's own index over the times at which documents were made, which never change. */
    public static final String BY_CREATION_TIME = "by_creation_time";

    public IndexSlice {
        equalities = List.copyOf(equalities);
    }

    /**
     * What a field must hold.
     *
     * @param value null if it must be missing
     */
    public record Equality(FieldPath field, @Nullable ConvexValue value) {}

    /**
     * Between what a field must lie, in {@link ValueOrder}, where a missing field comes first.
     *
     * @param lower null for no bound
     * @param upper null for no bound
     */
    public record FieldRange(FieldPath field, @Nullable Bound lower, @Nullable Bound upper) {

        /** True if nothing can lie in it. */
        boolean isEmpty() {
            if (lower == null || upper == null) {
                return false;
            }
            int compared = ValueOrder.INSTANCE.compare(lower.value(), upper.value());
            return compared > 0 || (compared == 0 && !(lower.inclusive() && upper.inclusive()));
        }

        boolean contains(@Nullable ConvexValue value) {
            return (lower == null || lower.isMetBy(ValueOrder.INSTANCE.compare(value, lower.value())))
                    && (upper == null || upper.isMetBy(ValueOrder.INSTANCE.compare(upper.value(), value)));
        }
    }

    /**
     * An end of a range.
     *
     * @param value     null stands for a missing field
     * @param inclusive whether the value itself belongs to the range
     */
    public record Bound(@Nullable ConvexValue value, boolean inclusive) {

        private boolean isMetBy(int compared) {
            return compared > 0 || (inclusive && compared == 0);
        }
    }

    /** Whether the document, as it is, belongs to it. */
    public boolean contains(ConvexObject document) {
        return equalities.stream().allMatch(
                equality -> ValueOrder.INSTANCE.compare(equality.field().get(document), equality.value()) == 0)
                && (range == null || range.contains(range.field().get(document)));
    }

    /** All fields that it names, in the order of the index. */
    public List<FieldPath> fields() {
        List<FieldPath> fields = new ArrayList<>();
        equalities.forEach(equality -> fields.add(equality.field()));
        if (range != null) {
            fields.add(range.field());
        }
        return fields;
    }

    /** In the form that {@code find} of {@code backfill.ts} takes. */
    public ConvexObject toValue() {
        ConvexObject.Builder value = ConvexObject.builder();
        value.put("equals", ConvexValue.array(
                equalities.stream().map(equality -> operand(equality.field(), equality.value()).build()).toList()));
        value.put("index", index);
        if (range != null && range.lower() != null) {
            value.put("lower", bound(range.field(), range.lower()));
        }
        if (range != null && range.upper() != null) {
            value.put("upper", bound(range.field(), range.upper()));
        }
        return value.build();
    }

    private static ConvexObject bound(FieldPath field, Bound bound) {
        return operand(field, bound.value()).put("inclusive", bound.inclusive()).build();
    }

    private static ConvexObject.Builder operand(FieldPath field, @Nullable ConvexValue value) {
        ConvexObject.Builder operand = ConvexObject.builder().put("field", field.toString());
        if (value != null) {
            operand.put("value", value);
        }
        return operand;
    }
}
