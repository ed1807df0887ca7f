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
package dev.convexbackfill.local.javascript;

import org.jspecify.annotations.Nullable;

/** How a promise of a function, or of an import, was settled. */
sealed interface Outcome {

    /** {@code json} is null for an import. */
    record Returned(@Nullable String json) implements Outcome {}

    /**
     * It threw.
     *
     * @param message {@code <Name>: <message>}
     * @param data    the data of a {@code ConvexError} as JSON; null for every other error
     * @param frames  where, a line each; empty if nothing is known
     */
    record Threw(String message, @Nullable String data, String frames) implements Outcome {}
}
