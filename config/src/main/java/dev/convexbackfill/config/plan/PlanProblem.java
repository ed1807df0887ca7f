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

/**
 * Something wrong with a plan.
 *
 * @param line    from 1; 0 if it concerns the whole file
 * @param key     where, as in {@code transform[0].split.into}; empty if it concerns the whole file
 * @param message what is wrong, and what would be right
 */
public record PlanProblem(int line, String key, String message) {

    /** As one line after the file's name. */
    @Override
    public String toString() {
        return (line == 0 ? "" : line + ": ") + (key.isEmpty() ? "" : key + ": ") + message;
    }
}
