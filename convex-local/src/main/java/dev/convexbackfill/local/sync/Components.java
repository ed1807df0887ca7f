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
package dev.convexbackfill.local.sync;

import dev.convexbackfill.local.function.Caller;
import dev.convexbackfill.local.function.FunctionFailedException;
import org.jspecify.annotations.Nullable;

/** The deployment has no components but the app itself; callers may still name others. */
final class Components {

    private Components() {}

    private static boolean isApp(@Nullable String component) {
        return component == null || component.isEmpty();
    }

    static void requireAllowed(@Nullable String component, Caller caller) {
        if (!isApp(component) && (!caller.isAdmin() || caller.user() != null)) {
            throw SyncFailure.internal(
                    "Only admin or system users can call functions on non-root components directly", null);
        }
    }

    static void requireApp(@Nullable String component) {
        if (!isApp(component)) {
            throw new FunctionFailedException("Component path '%s' not found".formatted(component));
        }
    }
}
