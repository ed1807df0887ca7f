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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexValue;
import org.jspecify.annotations.Nullable;

/** What a syscall rejects with, for the function to catch. */
final class SyscallFailedException extends RuntimeException {

    private final transient @Nullable ConvexValue data;

    SyscallFailedException(String message) {
        this(message, null);
    }

    /** {@code data} is that of a {@code ConvexError}. */
    SyscallFailedException(String message, @Nullable ConvexValue data) {
        // without a stack trace, since some functions catch thousands of them
        super(message, null, false, false);
        this.data = data;
    }

    /** The data as JSON; null for an ordinary error. */
    @Nullable
    String dataJson() {
        return data == null ? null : ConvexJson.encodeToString(data);
    }
}
