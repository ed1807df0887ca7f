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
package dev.convexbackfill.local.function;

import org.jspecify.annotations.Nullable;

/**
 * Where the page of a paginated query ended, so that it ends there again when the query is run anew for a client that
 * watches it: else pages that follow each other would come apart. Not thread-safe.
 */
final class Journal {

    private final @Nullable String previous;
    private @Nullable String next;

    /** {@code previous} is the cursor at which the page ended the last time; null for a first time. */
    Journal(@Nullable String previous) {
        this.previous = previous;
    }

    static Journal empty() {
        return new Journal(null);
    }

    @Nullable
    String previous() {
        return previous;
    }

    void end(String cursor) {
        next = cursor;
    }

    /** For the next time; null if the function did not paginate. */
    @Nullable
    String next() {
        return next;
    }
}
