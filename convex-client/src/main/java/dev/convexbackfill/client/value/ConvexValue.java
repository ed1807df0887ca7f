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

import java.util.List;

/**
 * A value that Convex can store. Immutable and thread-safe; {@code equals} is Convex's own equality: an int64 never equals
 * a float64, {@code -0.0} differs from {@code 0.0}, and NaN equals a NaN of the same bits.
 */
public sealed interface ConvexValue
        permits ConvexNull, ConvexInt64, ConvexFloat64, ConvexBoolean, ConvexString, ConvexBytes, ConvexArray,
        ConvexObject {

    /** An int64, which is a {@code bigint} in JavaScript. */
    static ConvexInt64 int64(long value) {
        return new ConvexInt64(value);
    }

    /** A float64, which is a {@code number} in JavaScript. */
    static ConvexFloat64 number(double value) {
        return new ConvexFloat64(value);
    }

    static ConvexBoolean of(boolean value) {
        return ConvexBoolean.of(value);
    }

    /** Throws {@link InvalidValueException} if {@code value} holds a lone surrogate, which UTF-8 cannot express. */
    static ConvexString of(String value) {
        return new ConvexString(value);
    }

    /** Copies {@code value}. */
    static ConvexBytes of(byte[] value) {
        return ConvexBytes.copyOf(value);
    }

    /** Copies {@code values}. */
    static ConvexArray array(List<? extends ConvexValue> values) {
        return new ConvexArray(List.copyOf(values));
    }

    static ConvexArray array(ConvexValue... values) {
        return new ConvexArray(List.of(values));
    }

    /** What messages call the type: {@code null}, {@code int64}, {@code number}, {@code string} and so on. */
    default String typeName() {
        return switch (this) {
            case ConvexNull _ -> "null";
            case ConvexInt64 _ -> "int64";
            case ConvexFloat64 _ -> "number";
            case ConvexBoolean _ -> "boolean";
            case ConvexString _ -> "string";
            case ConvexBytes _ -> "bytes";
            case ConvexArray _ -> "array";
            case ConvexObject _ -> "object";
        };
    }
}
