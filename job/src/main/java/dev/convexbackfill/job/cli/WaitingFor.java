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

import dev.convexbackfill.client.failure.FailureCategory;

/** Says what calls wait for. */
final class WaitingFor {

    private WaitingFor() {}

    static String text(FailureCategory trouble) {
        return switch (trouble) {
            case RATE_LIMITED -> "the deployment is over its rate";
            case OVERLOADED -> "the deployment is too busy";
            case CONFLICTED -> "other writers are in the way";
            case PAUSED -> "the deployment is paused";
            case UNREACHABLE -> "the deployment can't be reached";
            case OUTCOME_UNKNOWN -> "an answer was lost, and is asked for again";
            default -> trouble.name();
        };
    }
}
