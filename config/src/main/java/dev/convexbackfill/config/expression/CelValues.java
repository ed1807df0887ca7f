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
package dev.convexbackfill.config.expression;

import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexBytes;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Convex values as CEL sees them, and back: int64 is int, float64 is double, bytes are bytes. */
final class CelValues {

    private CelValues() {}

    static Object toCel(ConvexValue value) {
        return switch (value) {
            case ConvexNull _ -> NullValue.NULL_VALUE;
            case ConvexInt64(long n) -> n;
            case ConvexFloat64(double n) -> n;
            case ConvexBoolean(boolean b) -> b;
            case ConvexString(String text) -> text;
            case ConvexBytes bytes -> CelByteString.of(bytes.toByteArray());
            case ConvexArray array -> array.values().stream().map(CelValues::toCel).toList();
            case ConvexObject object -> new ObjectView(object);
        };
    }

    /** Throws {@link ExpressionFailedException} for what Convex has no value for. */
    static ConvexValue toConvex(Object value) {
        return switch (value) {
            case ObjectView view -> view.object;
            case NullValue _ -> ConvexNull.NULL;
            case Long n -> ConvexValue.int64(n);
            case Double n -> ConvexValue.number(n);
            case Boolean b -> ConvexValue.of(b);
            case String text -> ConvexValue.of(text);
            case CelByteString bytes -> ConvexValue.of(bytes.toByteArray());
            // as JavaScript has them: milliseconds
            case Instant time -> ConvexValue.number((double) time.toEpochMilli());
            case Duration time -> ConvexValue.number((double) time.toMillis());
            case List<?> list -> {
                List<ConvexValue> values = new ArrayList<>();
                list.forEach(element -> values.add(toConvex(element)));
                yield ConvexValue.array(values);
            }
            case Map<?, ?> map -> {
                ConvexObject.Builder object = ConvexObject.builder();
                map.forEach((name, element) -> {
                    if (!(name instanceof String field)) {
                        throw new ExpressionFailedException("the result has a field whose name is no text");
                    }
                    object.put(field, toConvex(element));
                });
                yield object.build();
            }
            default -> throw new ExpressionFailedException(
                    "the result is a %s, which Convex can't store".formatted(value.getClass().getSimpleName()));
        };
    }

    /** An object whose fields are converted when they are asked for, which most are not. */
    private static final class ObjectView extends AbstractMap<String, Object> {

        private final ConvexObject object;

        ObjectView(ConvexObject object) {
            this.object = object;
        }

        @Override
        public boolean containsKey(@Nullable Object name) {
            return name instanceof String field && object.has(field);
        }

        @Override
        public @Nullable Object get(@Nullable Object name) {
            ConvexValue value = name instanceof String field ? object.get(field) : null;
            return value == null ? null : toCel(value);
        }

        @Override
        public int size() {
            return object.size();
        }

        @Override
        public Set<Entry<String, Object>> entrySet() {
            Map<String, Object> converted = LinkedHashMap.newLinkedHashMap(object.size());
            object.forEach((name, value) -> converted.put(name, toCel(value)));
            return converted.entrySet();
        }
    }
}
