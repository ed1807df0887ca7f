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
package dev.convexbackfill.local.function;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.client.value.ValueOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which documents Convex's dashboard wants to see: all clauses must hold. Source:
 * {@code npm-packages/system-udfs/convex/_system/frontend/lib/filters.ts} of the Convex backend.
 */
final class DocumentFilter {

    /** How the dashboard's word for a missing field begins. */
    private static final String UNDEFINED = "__CONVEX_PLACEHOLDER_undefined_";

    private final List<Clause> clauses;
    private final boolean descending;

    private DocumentFilter(List<Clause> clauses, boolean descending) {
        this.clauses = List.copyOf(clauses);
        this.descending = descending;
    }

    /** A condition on a field; {@code value} is null for a missing field. */
    private record Clause(String field, String operation, @Nullable ConvexValue value) {

        boolean accepts(ConvexObject document) {
            ConvexValue actual = at(document);
            int order = ValueOrder.INSTANCE.compare(actual, value);
            return switch (operation) {
                case "eq" -> order == 0;
                case "neq" -> order != 0;
                case "lt" -> order < 0;
                case "lte" -> order <= 0;
                case "gt" -> order > 0;
                case "gte" -> order >= 0;
                case "anyOf" -> values().isEmpty() || isAnyOf(actual);
                case "noneOf" -> !isAnyOf(actual);
                case "type" -> isType(actual);
                case "notype" -> !isType(actual);
                default -> throw new FunctionFailedException(
                        "Uncaught Error: A filter can't have the operator '%s'".formatted(operation));
            };
        }

        private @Nullable ConvexValue at(ConvexObject document) {
            ConvexValue place = document;
            for (String name : field.split("\\.", -1)) {
                place = place instanceof ConvexObject object ? object.get(name) : null;
            }
            return place;
        }

        private List<ConvexValue> values() {
            return value instanceof ConvexArray array ? array.values() : List.of();
        }

        private boolean isAnyOf(@Nullable ConvexValue actual) {
            return values().stream().anyMatch(wanted -> Objects.equals(orMissing(wanted), actual));
        }

        private boolean isType(@Nullable ConvexValue actual) {
            String wanted = value instanceof ConvexString(String text) ? text : "";
            return switch (wanted) {
                case "unset" -> actual == null;
                case "id" -> actual instanceof ConvexString(String text) && DocumentId.isValid(text);
                case "bigint" -> actual != null && actual.typeName().equals("int64");
                default -> actual != null && actual.typeName().equals(wanted);
            };
        }
    }

    private static @Nullable ConvexValue orMissing(ConvexValue value) {
        return value instanceof ConvexString(String text) && text.startsWith(UNDEFINED) ? null : value;
    }

    /** Reads base64 of JSON; null is no filter, newest first. Throws {@link FunctionFailedException}. */
    static DocumentFilter parse(@Nullable String base64) {
        if (base64 == null || base64.isEmpty()) {
            return new DocumentFilter(List.of(), true);
        }
        try {
            ConvexObject json = ConvexJson.decodeObject(
                    Base64.getDecoder().decode(base64.replace('-', '+').replace('_', '/')));
            requireNoIndex(json);
            List<Clause> clauses = new ArrayList<>();
            ConvexValue listed = json.get("clauses");
            for (ConvexValue element : listed == null ? ConvexValue.array() : json.array("clauses")) {
                clause((ConvexObject) element, clauses);
            }
            return new DocumentFilter(clauses, !"asc".equals(json.optionalString("order")));
        } catch (InvalidValueException | IllegalArgumentException | ClassCastException malformed) {
            throw new FunctionFailedException("Uncaught Error: Invalid filters: " + malformed.getMessage());
        }
    }

    private static void requireNoIndex(ConvexObject json) {
        ConvexValue index = json.get("index");
        if (index != null && index != ConvexNull.NULL) {
            throw new FunctionFailedException("Uncaught Error: A local deployment can't filter by an index here;"
                    + " filter by fields, or query the index in a function");
        }
    }

    private static void clause(ConvexObject json, List<Clause> clauses) {
        boolean isEnabled = !json.has("enabled") || json.bool("enabled");
        String field = json.optionalString("field");
        ConvexValue value = json.get("value");
        if (isEnabled && field != null && value != null) {
            clauses.add(new Clause(field, json.string("op"), orMissing(value)));
        }
    }

    boolean isDescending() {
        return descending;
    }

    boolean accepts(ConvexObject document) {
        return clauses.stream().allMatch(clause -> clause.accepts(document));
    }
}
