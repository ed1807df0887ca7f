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
import dev.convexbackfill.job.canary.CanarySize;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.RefusedException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a run begins with a slice of its documents. */
final class CanaryOption {

    @Option(names = "--canary", paramLabel = "N|P%", description = "First change only so many documents, or so many of a hundred, drawn evenly from the whole table; verify"
            + " them; and wait for ./backfill approve RUN.")
    private @Nullable String canary;

    @Option(names = "--auto-approve", description = "With --canary: go on by itself if the verification finds nothing wrong.")
    private boolean autoApprove;

    boolean isAutoApproved() {
        return autoApprove;
    }

    /** How large it is to be; null if there is to be none. Throws {@link RefusedException} for what is no size. */
    @Nullable
    CanarySize size() {
        if (canary == null) {
            if (autoApprove) {
                throw new RefusedException("--auto-approve is only for --canary, as in: --canary 1% --auto-approve");
            }
            return null;
        }
        return CanarySize.parse(canary).orElseThrow(() -> new RefusedException(
                "--canary takes a number of documents, as in 1000, or a part of them below 100%%, as in 1%%, not '%s'"
                        .formatted(canary)));
    }

    /** Throws {@link RefusedException} if a slice that the plan has changed could not be verified, whatever the deployment. */
    static void requirePossible(Plan plan) {
        require(() -> VerificationLaunch.requireOwnWork(plan));
    }

    /** Throws {@link RefusedException} if it could not be verified in the deployment. */
    static void requirePossible(Plan plan, DeploymentCheck check) {
        require(() -> VerificationLaunch.requireSchema(check, plan));
    }

    private static void require(Runnable check) {
        try {
            check.run();
        } catch (RefusedException refused) {
            throw new RefusedException("--canary verifies what it has changed. " + refused.getMessage(), refused);
        }
    }
}
