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
package dev.convexbackfill.local.javascript.query;

import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import org.jspecify.annotations.Nullable;

/**
 * A condition of {@code withIndex}.
 *
 * @param value null for a missing field
 */
record IndexCondition(Comparison comparison, String fieldPath, @Nullable ConvexValue value) {

    /** How the field compares with the value. */
    enum Comparison {
        EQ, GT, GTE, LT, LTE;

        static Comparison of(String name) {
            return switch (name) {
                case "Eq" -> EQ;
                case "Gt" -> GT;
                case "Gte" -> GTE;
                case "Lt" -> LT;
                case "Lte" -> LTE;
                default -> throw new InvalidValueException("There is no comparison '%s'".formatted(name));
            };
        }
    }
}
