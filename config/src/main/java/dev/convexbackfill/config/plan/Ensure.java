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

import dev.convexbackfill.config.expression.Expression;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a verification proves of every document that the plan is for; of copies, of those that were inserted. */
public sealed interface Ensure {

    /** Its name in a plan. */
    default String key() {
        return switch (this) {
            case Present _ -> "present";
            case Absent _ -> "absent";
            case OfType _ -> "type";
            case Condition _ -> "condition";
            case MatchesSchema _ -> "schema";
            case Unique _ -> "unique";
            case Refers _ -> "refers";
        };
    }

    /** The document has these fields; one that holds null is there. */
    record Present(List<FieldPath> fields) implements Ensure {

        public Present {
            fields = List.copyOf(fields);
        }
    }

    /** The document has none of these fields. */
    record Absent(List<FieldPath> fields) implements Ensure {

        public Absent {
            fields = List.copyOf(fields);
        }
    }

    /**
     * Fields hold values of these types, where they are there.
     *
     * @param types at least one, in the order of the plan
     */
    record OfType(Map<FieldPath, FieldType> types) implements Ensure {

        public OfType {
            types = new LinkedHashMap<>(types);
        }

        @Override
        public Map<FieldPath, FieldType> types() {
            return Map.copyOf(types);
        }
    }

    /** An expression is true of the document. */
    record Condition(Expression expression) implements Ensure {}

    /** The document is what the active schema of the deployment says. */
    record MatchesSchema() implements Ensure {}

    /** No two documents hold the same in a field; one that is missing counts for nothing. */
    record Unique(FieldPath field) implements Ensure {}

    /**
     * A field holds the id of a document that exists, or an array of them; one that is missing or null refers to nothing.
     *
     * @param table whose documents they are
     */
    record Refers(FieldPath field, String table) implements Ensure {}
}
