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
package dev.convexbackfill.local.store;

import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.local.schema.ValueText;
import dev.convexbackfill.local.store.IndexBounds.Bound;
import dev.convexbackfill.local.store.RangeExpression.Comparison;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns the conditions of {@code withIndex} into a part of the index. Source: {@code IndexRange} in
 * {@code crates/common/src/query.rs} of the Convex backend.
 */
public final class IndexRange {

    private final String index;
    private final List<String> fields;
    private final Map<String, @Nullable ConvexValue> equal = new TreeMap<>();
    private @Nullable String boundedField;
    private @Nullable Bound lower;
    private @Nullable Bound upper;

    private IndexRange(String index, List<String> fields) {
        this.index = index;
        this.fields = fields;
    }

    /**
     * The part of an index that fits all conditions: any number of equal fields at the beginning of the index, then bounds of
     * the next field. Throws {@link InvalidOperationException} with Convex's message for anything else.
     *
     * @param index  {@code table.index}, for messages
     * @param fields of the index, without the id, as {@link DocumentTransaction#indexFields} tells them
     */
    public static IndexBounds bounds(String index, List<String> fields, List<RangeExpression> range) {
        IndexRange collected = new IndexRange(index, fields);
        range.forEach(collected::add);
        return collected.toBounds();
    }

    private void add(RangeExpression expression) {
        String field = expression.fieldPath();
        Comparison comparison = expression.comparison();
        if (comparison == Comparison.EQ) {
            if (equal.containsKey(field)) {
                throw alreadyDefined("equality", field, comparison, equal.get(field));
            }
            equal.put(field, expression.value());
            return;
        }
        if ((comparison.isUpper() ? upper : lower) != null) {
            throw alreadyDefined(comparison.isUpper() ? "upper" : "lower", field, comparison, expression.value());
        }
        if (boundedField != null && !boundedField.equals(field)) {
            throw new InvalidOperationException(
                    """
                            Upper and lower bounds in `range` can only be applied to a single index field. This query against \
                            index %s attempted to set a range bound on both "%s" and "%s". Consider using `filter` instead. See \
                            https://docs.convex.dev/using/indexes for more info."""
                            .formatted(index, boundedField, field));
        }
        boundedField = field;
        Bound bound = new Bound(expression.value(), comparison.isInclusive());
        if (comparison.isUpper()) {
            upper = bound;
        } else {
            lower = bound;
        }
    }

    private static InvalidOperationException alreadyDefined(String kind, String field, Comparison comparison,
            @Nullable ConvexValue value) {
        return new InvalidOperationException("Already defined %s bound in index range. Can't add \"%s\" %s %s."
                .formatted(kind, field, comparison.symbol(), ValueText.of(value)));
    }

    private IndexBounds toBounds() {
        if (boundedField != null && equal.containsKey(boundedField)) {
            throw alreadyDefined("inequality", boundedField, Comparison.EQ, equal.get(boundedField));
        }
        List<String> indexed = new ArrayList<>(fields);
        indexed.add(FieldName.ID);
        List<String> used = new ArrayList<>(equal.keySet());
        used.forEach(field -> requireIndexed(indexed, field));
        used.sort((one, other) -> Integer.compare(indexed.indexOf(one), indexed.indexOf(other)));
        if (boundedField != null) {
            requireIndexed(indexed, boundedField);
            used.add(boundedField);
        }
        for (int i = 0; i < used.size(); i++) {
            if (!used.get(i).equals(indexed.get(i))) {
                throw new InvalidOperationException("""
                        Tried to query index %s but the query didn't use the index fields in order.
                        Index fields: %s
                        Query fields: %s
                        First incorrect field: "%s"
                        For more information see https://docs.convex.dev/using/indexes.""".formatted(index,
                        quoted(fields), quoted(used), used.get(i)));
            }
        }
        List<@Nullable ConvexValue> prefix = new ArrayList<>();
        for (String field : used.subList(0, equal.size())) {
            prefix.add(equal.get(field));
        }
        return new IndexBounds(prefix, lower, upper);
    }

    private void requireIndexed(List<String> indexed, String field) {
        if (!indexed.contains(field)) {
            throw new InvalidOperationException(
                    """
                            The index range included a comparison with "%s", but %s with fields %s doesn't index this field. For \
                            more information see https://docs.convex.dev/using/indexes."""
                            .formatted(field, index,
                                    quoted(fields)));
        }
    }

    private static String quoted(Collection<String> fields) {
        return fields.stream().map(field -> '"' + field + '"').collect(Collectors.joining(", ", "[", "]"));
    }
}
