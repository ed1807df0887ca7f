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
package dev.convexbackfill.job.snapshot;

import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.value.ConvexObject;
import org.jspecify.annotations.Nullable;

/** The documents of a table in the order of their ids, one after the other. For one thread. */
interface Documents extends AutoCloseable {

    /** Null after the last. Throws {@link ConvexException}, and {@link java.io.UncheckedIOException} where they lie in a file. */
    @Nullable
    ConvexObject next();

    @Override
    default void close() {}
}
