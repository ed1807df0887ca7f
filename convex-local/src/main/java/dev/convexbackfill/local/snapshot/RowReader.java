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
package dev.convexbackfill.local.snapshot;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.store.ImportRefusedException;
import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Reads the rows of a table one by one. Not thread-safe. */
interface RowReader extends AutoCloseable {

    /** The next row; null after the last. Throws {@link ImportRefusedException} for one that is none. */
    @Nullable
    ConvexObject next() throws IOException;

    @Override
    void close() throws IOException;

    /** Reads the value of row number {@code row}, which begins at 1. */
    static ConvexObject row(long row, Supplier<ConvexValue> decode) {
        ConvexValue value;
        try {
            value = decode.get();
        } catch (InvalidValueException invalid) {
            throw invalid.getCause() instanceof JacksonException
                    ? new ImportRefusedException("JsonInvalidRow",
                            "Row %d wasn't valid JSON: %s".formatted(row, invalid.getMessage()))
                    : invalidValue(row, String.valueOf(invalid.getMessage()));
        }
        if (value instanceof ConvexObject object) {
            return object;
        }
        throw invalidValue(row, "expected object, received " + value.typeName());
    }

    static ImportRefusedException invalidValue(long row, String why) {
        return new ImportRefusedException("InvalidConvexValue",
                "Row %d wasn't a valid Convex value: %s".formatted(row, why));
    }
}
