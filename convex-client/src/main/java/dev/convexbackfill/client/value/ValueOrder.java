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

import java.util.Comparator;

import org.jspecify.annotations.Nullable;

/**
 * Convex's total order over all values, in which indexes and comparisons work: missing, null, int64, float64, boolean,
 * string, bytes, array, object. Strings go by their UTF-8 bytes, which is not the order of {@link String#compareTo}.
 * Source: {@code crates/value/src/sorting.rs} of the Convex backend.
 */
public enum ValueOrder implements Comparator<@Nullable ConvexValue> {
    INSTANCE;

    /** Null stands for a missing field, which comes before everything. */
    @Override
    public int compare(@Nullable ConvexValue left, @Nullable ConvexValue right) {
        if (left == null || right == null) {
            return Boolean.compare(left != null, right != null);
        }
        return switch (left) {
            case ConvexInt64(long a) when right instanceof ConvexInt64(long b) -> Long.compare(a, b);
            case ConvexFloat64(double a) when right instanceof ConvexFloat64(double b) -> compareDoubles(a, b);
            case ConvexBoolean(boolean a) when right instanceof ConvexBoolean(boolean b) -> Boolean.compare(a, b);
            case ConvexString(String a) when right instanceof ConvexString(String b) -> compareUtf8(a, b);
            case ConvexBytes a when right instanceof ConvexBytes b -> a.compareTo(b);
            case ConvexArray a when right instanceof ConvexArray b -> compareArrays(a, b);
            case ConvexObject a when right instanceof ConvexObject b -> compareObjects(a, b);
            default -> Integer.compare(rank(left), rank(right));
        };
    }

    /** Compares as UTF-8 bytes would, which is by code point. */
    public static int compareUtf8(String left, String right) {
        int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                boolean aSurrogate = Character.isSurrogate(a);
                // in UTF-16 the surrogates lie below U+E000..U+FFFF; in UTF-8 what they stand for lies above
                return aSurrogate == Character.isSurrogate(b) ? Character.compare(a, b) : aSurrogate ? 1 : -1;
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    private static int compareDoubles(double left, double right) {
        return Long.compare(sortableBits(left), sortableBits(right));
    }

    /** IEEE 754's total order: negative NaNs first, -0.0 before 0.0, positive NaNs last. */
    private static long sortableBits(double value) {
        long bits = Double.doubleToRawLongBits(value);
        return bits < 0 ? bits ^ Long.MAX_VALUE : bits;
    }

    private int compareArrays(ConvexArray left, ConvexArray right) {
        int common = Math.min(left.size(), right.size());
        for (int i = 0; i < common; i++) {
            int compared = compare(left.get(i), right.get(i));
            if (compared != 0) {
                return compared;
            }
        }
        return Integer.compare(left.size(), right.size());
    }

    private int compareObjects(ConvexObject left, ConvexObject right) {
        int common = Math.min(left.size(), right.size());
        for (int i = 0; i < common; i++) {
            int byName = left.name(i).compareTo(right.name(i));
            int compared = byName != 0 ? byName : compare(left.value(i), right.value(i));
            if (compared != 0) {
                return compared;
            }
        }
        return Integer.compare(left.size(), right.size());
    }

    private static int rank(ConvexValue value) {
        return switch (value) {
            case ConvexNull _ -> 1;
            case ConvexInt64 _ -> 2;
            case ConvexFloat64 _ -> 3;
            case ConvexBoolean _ -> 4;
            case ConvexString _ -> 5;
            case ConvexBytes _ -> 6;
            case ConvexArray _ -> 7;
            case ConvexObject _ -> 8;
        };
    }
}
