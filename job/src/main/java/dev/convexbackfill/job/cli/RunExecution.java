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
import dev.convexbackfill.job.progress.ProgressDisplay;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.run.RunEngine;
import dev.convexbackfill.partitioner.dispatch.TaskScope;

/** Executes one run in this process, from the queue to its rest. */
final class RunExecution {

    private RunExecution() {}

    /** True if a run that ends with this exit code is complete, whatever it has left. */
    static boolean isComplete(int exitCode) {
        return exitCode == ExitCode.COMPLETED || exitCode == ExitCode.COMPLETED_WITH_QUARANTINE;
    }

    /** Says how a run that is at rest has ended, and returns the exit code. */
    interface Ending {

        int end(RunProgress progress, ProgressDisplay display);

        /** The same, for a run that was to stop. */
        default int endAfterSignal(RunProgress progress, ProgressDisplay display) {
            return end(progress, display);
        }
    }

    /** Returns the exit code. */
    static int execute(RunContext context, DeployKey key, String run, Plan plan, Output output) {
        return execute(context, key, run, plan, output,
                (progress, display) -> RunReport.end(context.repository(), progress, display, output));
    }

    /** Returns what {@code ending} does. */
    static int execute(RunContext context, DeployKey key, String run, Plan plan, Output output, Ending ending) {
        Runnable onRunLost = () -> {
            output.say(
                    ("This process was silent for so long that another has taken run '%s' over. Nothing is lost: what this one"
                            + " may still have sent is refused by the ledger. See: ./backfill status %s")
                            .formatted(run, run));
            Runtime.getRuntime().halt(ExitCode.STOPPED);
        };
        try (RunEngine engine = context.engine(key, new TaskScope.OneRun(run), plan.throttle().concurrency(),
                onRunLost)) {
            engine.start();
            engine.submit(run);
            return new RunFollower(context, engine, output, ending).follow(run);
        }
    }
}
