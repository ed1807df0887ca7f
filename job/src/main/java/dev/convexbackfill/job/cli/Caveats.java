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
package dev.convexbackfill.job.cli;

import dev.convexbackfill.config.plan.Plan;

/** What a run of a plan that calls functions of the app's own does not promise, where others do. */
final class Caveats {

    private Caveats() {}

    /** Lines for people, each with its end; empty if there are none. */
    static String text(Plan plan) {
        StringBuilder text = new StringBuilder();
        plan.caveats().forEach(caveat -> text.append("Mind that the run ").append(caveat).append(".\n"));
        return text.toString();
    }

    /** Says them, if there are any. */
    static void say(Plan plan, Output output) {
        String text = text(plan);
        if (!text.isEmpty()) {
            output.say(text.stripTrailing());
        }
    }
}
