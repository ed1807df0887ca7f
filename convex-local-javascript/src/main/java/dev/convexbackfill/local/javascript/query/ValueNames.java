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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexBytes;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import org.jspecify.annotations.Nullable;

/** How messages about queries call values. */
final class ValueNames {

    private ValueNames() {}

    static String text(@Nullable ConvexValue value) {
        return value == null ? "undefined" : ConvexJson.encodeToString(value);
    }

    static String type(@Nullable ConvexValue value) {
        return switch (value) {
            case null -> "undefined";
            case ConvexNull _ -> "Null";
            case ConvexInt64 _ -> "Int64";
            case ConvexFloat64 _ -> "Float64";
            case ConvexBoolean _ -> "Boolean";
            case ConvexString _ -> "String";
            case ConvexBytes _ -> "Bytes";
            case ConvexArray _ -> "Array";
            case ConvexObject _ -> "Object";
        };
    }
}
