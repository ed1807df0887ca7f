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
package dev.convexbackfill.client.failure;

import dev.convexbackfill.client.value.ConvexValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A call to Convex that failed. Its message names the function and never holds the key. */
public final class ConvexException extends RuntimeException {

    private final FailureCategory category;
    private final @Nullable String code;
    private final transient @Nullable ConvexValue data;
    private final List<String> logLines;

    ConvexException(FailureCategory category, String message, @Nullable String code, @Nullable ConvexValue data,
            List<String> logLines, @Nullable Throwable cause) {
        super(message, cause);
        this.category = category;
        this.code = code;
        this.data = data;
        this.logLines = List.copyOf(logLines);
    }

    public ConvexException(FailureCategory category, String message) {
        this(category, message, null, null, List.of(), null);
    }

    public ConvexException(FailureCategory category, String message, @Nullable Throwable cause) {
        this(category, message, null, null, List.of(), cause);
    }

    public FailureCategory category() {
        return category;
    }

    /** Convex's short code, such as {@code BadAdminKey}; null where it sent none, which it never does for a failed function. */
    public @Nullable String code() {
        return code;
    }

    /** What the function threw as {@code ConvexError}, exactly; null if it threw something else. */
    public @Nullable ConvexValue data() {
        return data;
    }

    /** What the function logged before it failed; empty on deployments that keep it to themselves. */
    public List<String> logLines() {
        return logLines;
    }
}
