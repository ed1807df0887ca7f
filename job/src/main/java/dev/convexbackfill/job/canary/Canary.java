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
package dev.convexbackfill.job.canary;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the canary of a run.
 *
 * @param isAutoApproved true if nobody need approve it where nothing is wrong
 * @param slice          null until it is known how many documents there are
 * @param verification   the run that verifies the slice; null until there is one
 * @param mismatches     what that has found to be wrong; null until it has ended
 * @param approval       null until there is one
 */
public record Canary(String run, CanarySize asked, boolean isAutoApproved, CanaryPhase phase,
        @Nullable CanarySlice slice, @Nullable String verification, @Nullable Long mismatches,
        @Nullable Approval approval) {

    /** Who has approved it. */
    public record Approval(String by, Instant at) {}

    /** True if nothing was found to be wrong; false also while that is not known. */
    public boolean isClean() {
        return mismatches != null && mismatches == 0;
    }
}
