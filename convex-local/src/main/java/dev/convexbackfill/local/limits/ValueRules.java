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
package dev.convexbackfill.local.limits;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import org.jspecify.annotations.Nullable;

/** What no value in Convex may be, wherever it comes from. */
public final class ValueRules {

    private ValueRules() {}

    /** What is wrong with the lengths of arrays and objects in a value; null if nothing is. */
    public static @Nullable String problem(ConvexValue value) {
        return switch (value) {
            case ConvexArray array when array
                    .size() > ValueLimits.MAX_ARRAY_LENGTH -> "Array length is too long (%d > maximum length %d)"
                            .formatted(array.size(), ValueLimits.MAX_ARRAY_LENGTH);
            case ConvexObject object when object
                    .size() > ValueLimits.MAX_OBJECT_FIELDS -> "Object has too many fields (%d > maximum number %d)"
                            .formatted(object.size(), ValueLimits.MAX_OBJECT_FIELDS);
            case ConvexArray array -> firstProblem(array);
            case ConvexObject object -> firstProblem(object.toMap().values());
            default -> null;
        };
    }

    /** Why Convex does not store a document, its schema aside; null if it does. */
    public static @Nullable String problemOfDocument(ConvexObject document) {
        for (String name : document.names()) {
            if (name.startsWith("_") && !FieldName.isSystem(name)) {
                return "Field name %s starts with an underscore, which is only allowed for system fields like '_id'"
                        .formatted(name);
            }
        }
        int nesting = ValueLimits.nestingOf(document);
        if (nesting > ValueLimits.MAX_DOCUMENT_NESTING) {
            return "Document is too nested (nested %d levels deep > maximum nesting %d)".formatted(nesting,
                    ValueLimits.MAX_DOCUMENT_NESTING);
        }
        String problem = problem(document);
        if (problem != null) {
            return problem;
        }
        long size = ValueLimits.sizeOf(document);
        return size <= ValueLimits.MAX_DOCUMENT_SIZE ? null
                : "Value is too large (%.2f MiB > maximum size 1 MiB)".formatted(size / (double) (1 << 20));
    }

    private static @Nullable String firstProblem(Iterable<? extends ConvexValue> values) {
        for (ConvexValue value : values) {
            String problem = problem(value);
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }
}
