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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexBytes;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The types of values that a plan can ask for. */
public enum FieldType {
    STRING, NUMBER, INT64, BOOLEAN, ARRAY, OBJECT, BYTES, NULL;

    /** As plans write them. */
    static final List<String> TEXTS = Arrays.stream(values()).map(FieldType::text).toList();

    /** As plans write it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<FieldType> of(String text) {
        return Arrays.stream(values()).filter(type -> type.text().equals(text)).findFirst();
    }

    /** The type of a value. */
    public static FieldType of(ConvexValue value) {
        return switch (value) {
            case ConvexString _ -> STRING;
            case ConvexFloat64 _ -> NUMBER;
            case ConvexInt64 _ -> INT64;
            case ConvexBoolean _ -> BOOLEAN;
            case ConvexArray _ -> ARRAY;
            case ConvexObject _ -> OBJECT;
            case ConvexBytes _ -> BYTES;
            case ConvexNull _ -> NULL;
        };
    }
}
