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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.job.canary.Canary;
import dev.convexbackfill.job.canary.CanaryPhase;
import dev.convexbackfill.job.canary.CanaryStore;
import dev.convexbackfill.readerswriters.verification.VerificationStore;
import java.util.Map;

/**
 * What comes before a run with a canary touches all documents: its slice is changed, that is verified, and somebody approves. All
 * of it is done by whoever manages the run; each part is stored when it is done, so that a process that dies is followed by one
 * that begins with the part that is not.
 */
final class CanaryWork {

    /** Who approves where nobody need. */
    static final String NOBODY = "--auto-approve";

    private final RunRepository repository;
    private final RunStore runs;
    private final CanaryStore canaries;
    private final ActiveRuns activeRuns;
    private final RunOwnership ownership;
    private final Jobs jobs;

    /** Executes jobs, one at a time. */
    interface Jobs {

        /** Returns true once the job is complete and {@code completed} is stored; false if the run has stopped or failed instead. */
        boolean execute(Run run, boolean isSlice, Runnable completed);
    }

    CanaryWork(RunRepository repository, ActiveRuns activeRuns, RunOwnership ownership, Jobs jobs) {
        this.repository = repository;
        this.runs = repository.runs();
        this.canaries = repository.canaries();
        this.activeRuns = activeRuns;
        this.ownership = ownership;
        this.jobs = jobs;
    }

    /** Returns true if the run may touch all documents; false if it rests now. */
    boolean isPassed(Run run) {
        Canary canary = canaries.find(run.name()).orElse(null);
        return canary == null || switch (canary.phase()) {
            case MIGRATING -> jobs.execute(run, true, () -> canaries.setMigrated(run.name())) && isVerified(run);
            case MIGRATED -> isVerified(run);
            case WAITING -> {
                ownership.save(() -> runs.end(run.name(), RunState.WAITING, null));
                yield false;
            }
            case APPROVED -> true;
        };
    }

    private boolean isVerified(Run run) {
        ownership.save(() -> runs.begin(run.name()));
        Run verification = new CanaryVerification(repository).of(run, ownership);
        if (verification.state() != RunState.COMPLETED && !isExecuted(run, verification)) {
            Run left = runs.find(verification.name()).orElseThrow();
            ownership.save(() -> runs.end(run.name(), left.state(), left.reason() == null ? null
                    : "The verification '%s' of its canary: %s".formatted(left.name(), left.reason())));
            return false;
        }
        ownership.save(() -> conclude(run.name(), wrong(verification.name())));
        return canaries.find(run.name()).filter(canary -> canary.phase() == CanaryPhase.APPROVED).isPresent();
    }

    private boolean isExecuted(Run run, Run verification) {
        StopSignal stop = activeRuns.get(run.name()).stop();
        StopSignal inner = activeRuns.get(verification.name()).stop();
        try (StopSignal.Registration _ = stop.onGiven(() -> inner.give(String.valueOf(stop.reason())))) {
            return jobs.execute(verification, false,
                    () -> runs.end(verification.name(), RunState.COMPLETED, null));
        }
    }

    private void conclude(String run, long wrong) {
        canaries.setVerified(run, wrong);
        boolean isAutoApproved = canaries.find(run).orElseThrow().isAutoApproved();
        if (!isAutoApproved || wrong > 0 || !canaries.approve(run, NOBODY)) {
            runs.end(run, RunState.WAITING, null);
        }
    }

    private long wrong(String verification) {
        return repository.transactions()
                .execute(_ -> new VerificationStore(repository.jdbc()).counts(verification)).entrySet().stream()
                .filter(count -> count.getKey().isWrong()).mapToLong(Map.Entry::getValue).sum();
    }
}
