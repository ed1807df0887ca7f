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

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import dev.convexbackfill.readerswriters.quarantine.Replay;
import dev.convexbackfill.readerswriters.verification.Mismatch;
import dev.convexbackfill.readerswriters.verification.MismatchKind;
import dev.convexbackfill.readerswriters.verification.VerificationStore;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Has the documents migrated that a verification has found not to be: they go into the run's quarantine, and a replay tries that
 * again. So they are written like any other, compared and journaled, and a crash on the way leaves them in quarantine.
 */
final class Repair {

    private final RunContext context;
    private final Run run;
    private final DeployKey key;
    private final Output output;

    /** {@code run} is the one that was verified. */
    Repair(RunContext context, Run run, DeployKey key, Output output) {
        this.context = context;
        this.run = run;
        this.key = key;
        this.output = output;
    }

    /** A verification, and how it has ended. */
    record Verified(String name, int exitCode) {}

    /**
     * Repairs what is kept of what a verification has found, verifies again, and goes on so as long as less is left each time.
     * Returns the exit code of all of it.
     *
     * @param verification which has ended with {@code code}
     */
    int repair(String verification, Plan plan, Supplier<Verified> verify, int code) {
        Verified last = new Verified(verification, code);
        long leftBefore = Long.MAX_VALUE;
        while (true) {
            long left = notMigrated(last.name());
            if (last.exitCode() != ExitCode.COMPLETED_WITH_QUARANTINE || left >= leftBefore) {
                return last.exitCode();
            }
            OptionalInt repaired = repair(last.name(), plan);
            if (repaired.isEmpty()) {
                return last.exitCode();
            }
            if (!RunExecution.isComplete(repaired.getAsInt())) {
                return repaired.getAsInt();
            }
            leftBefore = left;
            last = verify.get();
        }
    }

    private long notMigrated(String verification) {
        RunRepository stores = context.repository();
        return stores.transactions().execute(_ -> new VerificationStore(stores.jdbc()).counts(verification))
                .getOrDefault(MismatchKind.NOT_MIGRATED, 0L);
    }

    /** The exit code of the replay; empty if there is nothing that can be repaired so. */
    private OptionalInt repair(String verification, Plan plan) {
        RunRepository stores = context.repository();
        List<Mismatch> left = stores.transactions()
                .execute(_ -> new VerificationStore(stores.jdbc()).notMigrated(verification));
        if (left.isEmpty()) {
            output.say("Nothing of that is repaired by writing what the plan makes of documents");
            return OptionalInt.empty();
        }
        stores.transactions().executeWithoutResult(_ -> stores.stores().quarantine().add(run.name(), plan.digest(),
                left.stream().map(mismatch -> new QuarantinedDocument(String.valueOf(mismatch.document()),
                        Reason.NOT_MIGRATED, mismatch.message(), null)).toList()));
        Replay replay = new Replay(run.name(),
                ReplayLaunch.nextName(run.name(), stores.runs().replays(run.name())));
        ReplayLaunch.create(stores, replay, run, plan, null, key, left.size());
        output.say("\nRun '%s' migrates %s that '%s' has found".formatted(replay.run(),
                left.size() == 1 ? "the document" : ProgressText.number(left.size()) + " documents", verification));
        return OptionalInt.of(RunExecution.execute(context, key, replay.run(), plan, output));
    }
}
