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
package dev.convexbackfill.job.rehearsal.report;

import java.util.function.UnaryOperator;

/** How a report for people marks what it says. */
public record Colours(UnaryOperator<String> titles, UnaryOperator<String> warnings, UnaryOperator<String> additions,
        UnaryOperator<String> removals) {

    /** No colours, for a pipe. */
    public static final Colours NONE = new Colours(UnaryOperator.identity(), UnaryOperator.identity(),
            UnaryOperator.identity(), UnaryOperator.identity());

    String title(String text) {
        return titles.apply(text);
    }

    String warning(String text) {
        return warnings.apply(text);
    }

    String added(String text) {
        return additions.apply(text);
    }

    String removed(String text) {
        return removals.apply(text);
    }
}
