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
package dev.convexbackfill.job.run;

import dev.convexbackfill.job.canary.Canary;
import dev.convexbackfill.job.canary.CanaryPhase;

/** Lets runs go on that wait after their canary. */
public final class RunApproval {

    private final RunRepository repository;

    public RunApproval(RunRepository repository) {
        this.repository = repository;
    }

    /** Throws {@link RefusedException} if a run waits to be approved. */
    public static void requireNotWaiting(Run run) {
        if (run.state() == RunState.WAITING) {
            throw new RefusedException(
                    ("Run '%s' waits for approval: its canary is migrated and verified. See what was found: ./backfill status"
                            + " %s. Go on with all other documents: ./backfill approve %s. Undo the canary: ./backfill rollback %s")
                            .formatted(run.name(), run.name(), run.name(), run.name()));
        }
    }

    /** Throws {@link RefusedException} unless it can be approved now. {@code inSpiteOfMismatches} also if its verification found some. */
    public void require(Run run, boolean inSpiteOfMismatches) {
        repository.runs().requireNotUndone(run.name());
        Canary canary = repository.canaries().find(run.name())
                .orElseThrow(() -> new RefusedException(
                        "Run '%s' has no canary, so there is nothing to approve: only `./backfill run PLAN --canary 1%%` waits."
                                .formatted(run.name())));
        switch (canary.phase()) {
            case MIGRATING, MIGRATED -> throw new RefusedException(
                    "The canary of run '%s' is not %s, so there is nothing to approve yet. Go on with it: ./backfill resume %s"
                            .formatted(run.name(),
                                    canary.phase() == CanaryPhase.MIGRATING ? "migrated" : "verified",
                                    run.name()));
            case APPROVED -> throw approvedBefore(run, canary);
            case WAITING -> {
                if (!canary.isClean() && !inSpiteOfMismatches) {
                    throw new RefusedException(
                            ("The verification of the canary of run '%s' found that %d things are wrong. See them: ./backfill verify %s."
                                    + " Undo the canary: ./backfill rollback %s. Or go on nevertheless: ./backfill approve %s"
                                    + " --in-spite-of-mismatches").formatted(run.name(), canary.mismatches(),
                                            canary.verification(), run.name(), run.name()));
                }
            }
        }
    }

    /**
     * Records the approval; the run can then be resumed. Throws {@link RefusedException} as {@link #require}, also if somebody else
     * was faster: of two one approves.
     *
     * @param by who
     */
    public void approve(Run run, String by, boolean inSpiteOfMismatches) {
        repository.transactions().executeWithoutResult(_ -> {
            // locks the run's row, so that no rollback of it begins now
            repository.jdbc().sql("update backfill_run set replay_of = replay_of where name = :name")
                    .param("name", run.name()).update();
            repository.runs().requireNotPurged(run.name());
            require(run, inSpiteOfMismatches);
            if (!repository.canaries().approve(run.name(), by)) {
                throw approvedBefore(run, repository.canaries().find(run.name()).orElseThrow());
            }
            repository.runs().end(run.name(), RunState.STOPPED, "approved by %s, and not resumed yet".formatted(by));
        });
    }

    private static RefusedException approvedBefore(Run run, Canary canary) {
        Canary.Approval approval = canary.approval();
        String when = approval == null ? "" : " by %s at %s".formatted(approval.by(), approval.at());
        return new RefusedException("Run '%s' was approved%s. %s".formatted(run.name(), when,
                run.state() == RunState.COMPLETED ? "It is completed."
                        : "See how far it is: ./backfill status %s; if no process executes it, go on with: ./backfill resume %s"
                                .formatted(run.name(), run.name())));
    }
}
