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
package dev.convexbackfill.client.value;

import org.jspecify.annotations.Nullable;

/** An IEEE 754 double, kept bit by bit. */
public record ConvexFloat64(double value) implements ConvexValue {

    /** True if a JSON number can carry the value: finite, and not {@code -0.0}. */
    public boolean isOrdinary() {
        return Double.isFinite(value) && !(value == 0 && 1 / value < 0);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConvexFloat64(double that)
                && Double.doubleToRawLongBits(value) == Double.doubleToRawLongBits(that);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(Double.doubleToRawLongBits(value));
    }

    @Override
    public String toString() {
        return Double.toString(value);
    }
}
