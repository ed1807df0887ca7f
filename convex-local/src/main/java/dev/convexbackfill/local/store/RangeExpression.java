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
import org.jspecify.annotations.Nullable;

/**
 * One condition of a range of an index: {@code q.eq("address.city", "Oslo")}.
 *
 * @param fieldPath names with dots between them
 * @param value     null for a missing field
 */
public record RangeExpression(Comparison comparison, String fieldPath, @Nullable ConvexValue value) {

    /** How the field must compare with the value, in {@link dev.convexbackfill.client.value.ValueOrder}. */
    public enum Comparison {
        EQ("=="), GT(">"), GTE(">="), LT("<"), LTE("<=");

        private final String symbol;

        Comparison(String symbol) {
            this.symbol = symbol;
        }

        String symbol() {
            return symbol;
        }

        boolean isUpper() {
            return this == LT || this == LTE;
        }

        boolean isInclusive() {
            return this == GTE || this == LTE;
        }
    }
}
