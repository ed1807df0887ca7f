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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.FieldPath.NotAnObjectException;
import org.jspecify.annotations.Nullable;

/** Gets and sets fields for steps. */
final class Fields {

    private Fields() {}

    /** The array in a field; null if the field is missing or null. Throws {@link TransformFailedException} for another type. */
    static @Nullable ConvexArray array(String step, FieldPath field, ConvexObject document) {
        ConvexValue value = field.get(document);
        return switch (value) {
            case ConvexArray array -> array;
            case ConvexNull _ -> null;
            case null -> null;
            default -> throw new TransformFailedException(
                    "%s: '%s' holds %s and no array".formatted(step, field, value.typeName()));
        };
    }

    /** The document with the field set. Throws {@link TransformFailedException} if something is in the way. */
    static ConvexObject set(String step, FieldPath field, ConvexObject document, ConvexValue value) {
        try {
            return field.set(document, value);
        } catch (NotAnObjectException inTheWay) {
            throw new TransformFailedException(step + ": " + inTheWay.getMessage());
        }
    }
}
