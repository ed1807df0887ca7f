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
package dev.convexbackfill.readerswriters.transform;

import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.TransformSpec.Conversion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives values another type, strictly: null for a value that has none of that type, or would lose something. Thread-safe.
 *
 * @param type      what messages call the type
 * @param operation what it does
 */
record Converter(String type, Operation operation) {

    /** Converts one value. */
    interface Operation {

        @Nullable
        ConvexValue convert(ConvexValue value);
    }

    static Converter of(Conversion conversion) {
        return switch (conversion) {
            case Conversion.ToNumber _ -> new Converter("number", Converter::toNumber);
            case Conversion.ToInt64 _ -> new Converter("int64", Converter::toInt64);
            case Conversion.ToText _ -> new Converter("string", Converter::toText);
            case Conversion.ToBoolean(List<String> yes, List<String> no) -> new Converter("boolean",
                    value -> toBoolean(value, yes, no));
            case Conversion.ToTimestamp(String pattern, java.time.ZoneId zone) -> {
                TimeText times = TimeText.of(pattern, zone);
                yield new Converter("timestamp", times::toTimestamp);
            }
            case Conversion.ToDate(String pattern, java.time.ZoneId zone) -> {
                TimeText times = TimeText.of(pattern, zone);
                yield new Converter("date", times::toText);
            }
        };
    }

    private static @Nullable ConvexValue toNumber(ConvexValue value) {
        return switch (value) {
            case ConvexFloat64 number -> number;
            case ConvexInt64(long n) when Math.abs((double) n) <= Numbers.MAX_SAFE_INTEGER -> ConvexValue
                    .number((double) n);
            case ConvexString(String text) -> {
                var number = Numbers.parseNumber(text);
                yield number.isPresent() ? ConvexValue.number(number.getAsDouble()) : null;
            }
            default -> null;
        };
    }

    private static @Nullable ConvexValue toInt64(ConvexValue value) {
        return switch (value) {
            case ConvexInt64 n -> n;
            case ConvexFloat64(double number) when number == Math.rint(number)
                    && Math.abs(number) <= Numbers.MAX_SAFE_INTEGER -> ConvexValue.int64((long) number);
            case ConvexString(String text) -> {
                var number = Numbers.parseInteger(text);
                yield number.isPresent() ? ConvexValue.int64(number.getAsLong()) : null;
            }
            default -> null;
        };
    }

    private static @Nullable ConvexValue toText(ConvexValue value) {
        return switch (value) {
            case ConvexString text -> text;
            case ConvexFloat64(double number) -> ConvexValue.of(Numbers.toText(number));
            case ConvexInt64(long n) -> ConvexValue.of(Long.toString(n));
            case ConvexBoolean(boolean truth) -> ConvexValue.of(Boolean.toString(truth));
            default -> null;
        };
    }

    private static @Nullable ConvexValue toBoolean(ConvexValue value, List<String> yes, List<String> no) {
        return switch (value) {
            case ConvexBoolean truth -> truth;
            case ConvexString(String text) when yes.contains(text) -> ConvexValue.of(true);
            case ConvexString(String text) when no.contains(text) -> ConvexValue.of(false);
            default -> null;
        };
    }
}
