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

import org.jspecify.annotations.Nullable;

/**
 * Code that a plan names, in the form in which it is run. A run keeps it: what becomes of the file has no effect on it.
 *
 * @param text      the file itself, or the bundle that was made of it
 * @param sourceMap of a bundle, as JSON; null for a file that is run as it is
 */
public record Code(String text, @Nullable String sourceMap) {

    /** Code can be long, and appears in messages of those who only print a step. */
    @Override
    public String toString() {
        return "%d characters%s".formatted(text.length(), sourceMap == null ? "" : " of a bundle");
    }
}
