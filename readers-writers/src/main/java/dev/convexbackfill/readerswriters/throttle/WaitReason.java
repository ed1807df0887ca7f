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
package dev.convexbackfill.readerswriters.throttle;

import dev.convexbackfill.client.failure.FailureCategory;

/** What a run waits for. The names are part of results for machines. */
public enum WaitReason {

    /** {@code throttle.documentsPerSecond} of the plan. */
    PLAN_DOCUMENTS("the plan's documents per second"),
    /** {@code throttle.bytesPerSecond} of the plan. */
    PLAN_BYTES("the plan's bytes per second"),
    /** {@code throttle.concurrency} of the plan. */
    PLAN_CONCURRENCY("the plan's calls in flight"),
    /** The app, or another range, writes to the same documents. */
    CONFLICTS("conflicts with other writes"),
    /** The deployment says that it is over its rate. */
    RATE_LIMITED("the deployment is over its rate"),
    /** The deployment is too busy. */
    OVERLOADED("the deployment is overloaded"),
    /** Somebody has paused the deployment. */
    PAUSED("the deployment is paused"),
    /** The deployment does not answer. */
    UNREACHABLE("the deployment can't be reached"),
    /** An answer was lost, or came too late. */
    ANSWER_LOST("answers that were lost");

    private final String meaning;

    WaitReason(String meaning) {
        this.meaning = meaning;
    }

    /** For people. */
    public String meaning() {
        return meaning;
    }

    /** Why a call is repeated that has failed so. */
    public static WaitReason of(FailureCategory category) {
        return switch (category) {
            case RATE_LIMITED -> RATE_LIMITED;
            case OVERLOADED -> OVERLOADED;
            case PAUSED -> PAUSED;
            case CONFLICTED -> CONFLICTS;
            case UNREACHABLE -> UNREACHABLE;
            // those that say for certain that they failed are not repeated
            case OUTCOME_UNKNOWN, ABANDONED, UNAUTHORIZED, FUNCTION_NOT_FOUND, FUNCTION_FAILED,
                    TRANSACTION_TOO_LARGE, REQUEST_REFUSED -> ANSWER_LOST;
        };
    }
}
