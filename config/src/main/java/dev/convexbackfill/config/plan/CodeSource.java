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

/** Finds the code that plans name. */
public interface CodeSource {

    /** For plans that come from nowhere, and so can name none. */
    CodeSource NONE = (file, _) -> {
        throw new InvalidCodeException("'%s' can't be found: only a plan in a file can name code".formatted(file));
    };

    /**
     * Gives a file of code.
     *
     * @param file     as the plan names it, relative to its folder
     * @param function that the code must have
     * @throws InvalidCodeException if there is none, if it is wrong, or if it has no such function
     */
    Code find(String file, String function);
}
