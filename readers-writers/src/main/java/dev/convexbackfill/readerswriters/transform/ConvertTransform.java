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
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.TransformSpec.Convert;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Gives a value another type, or refuses where something would be lost. */
record ConvertTransform(Convert spec) implements Transform {

    @Override
    public List<FieldPath> reads() {
        return List.of(spec.field());
    }

    @Override
    public ConvexObject apply(ConvexObject document) {
        ConvexValue value = spec.field().get(document);
        if (value == null || value == ConvexNull.NULL) {
            return document;
        }
        ConvexValue converted = switch (spec.to()) {
            case NUMBER -> toNumber(value);
            case INT64 -> toInt64(value);
            case STRING -> toText(value);
            case BOOLEAN -> toBoolean(value);
        };
        if (converted == null) {
            throw new TransformFailedException("convert: '%s' holds %s that is no %s".formatted(spec.field(),
                    value.typeName(), spec.to().name().toLowerCase(Locale.ROOT)));
        }
        return Fields.set("convert", spec.as(), document, converted);
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

    private static @Nullable ConvexValue toBoolean(ConvexValue value) {
        return switch (value) {
            case ConvexBoolean truth -> truth;
            case ConvexString(String text) when text.equals("true") -> ConvexValue.of(true);
            case ConvexString(String text) when text.equals("false") -> ConvexValue.of(false);
            default -> null;
        };
    }
}
