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

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.canary.CanaryPhase;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.ReferencedRuns;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunApproval;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import dev.convexbackfill.readerswriters.quarantine.Replay;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A run that is to go on: whether it may, with which plan, and its execution. */
final class ResumedRun {

    private final Run run;
    private final @Nullable Path planFile;
    private final PluginOptions plugins;
    private final Output output;

    /** {@code planFile} is null if the plan is where it was. */
    ResumedRun(Run run, @Nullable Path planFile, PluginOptions plugins, Output output) {
        this.run = run;
        this.planFile = planFile;
        this.plugins = plugins;
        this.output = output;
    }

    /**
     * Throws {@link RefusedException} if it, or the run that it is for, is undone, if it waits to be approved, or if it goes on only
     * together with another.
     */
    void requireNotBarred(RunRepository stores) {
        stores.runs().requireNotUndone(switch (run.kind()) {
            case RunKind.Retry(Replay replay) -> replay.of();
            case RunKind.Verification(String of, _) -> of;
            case RunKind.Backfill _,RunKind.Rollback _ -> run.name();
        });
        RunApproval.requireNotWaiting(run);
        stores.canaries().findByVerification(run.name()).ifPresent(canary -> {
            throw new RefusedException("Run '%s' verifies the canary of '%s', and goes on with it: ./backfill resume %s"
                    .formatted(run.name(), canary.run(), canary.run()));
        });
    }

    /**
     * The plan as it is now, if it does what it did, or if that was accepted. Throws {@link RefusedException} otherwise, and always
     * if it does something else than the canary of the run has shown.
     */
    Plan plan(RunRepository stores, boolean acceptChangedPlan) {
        return switch (run.kind()) {
            case RunKind.Rollback _,RunKind.Verification _ -> run.plan();
            case RunKind.Backfill _,RunKind.Retry _ -> plan(acceptChangedPlan,
                    stores.canaries().find(run.name())
                            .filter(canary -> canary.phase() == CanaryPhase.MIGRATED
                                    || canary.phase() == CanaryPhase.WAITING)
                            .isEmpty());
        };
    }

    private Plan plan(boolean acceptChangedPlan, boolean mayChange) {
        Path file = planFile != null ? planFile : run.planPath() == null ? null : Path.of(run.planPath());
        if (file == null || (planFile == null && !Files.exists(file))) {
            output.say("The plan is not at '%s' any more; going on with the copy in the repository".formatted(file));
            Plan stored = run.plan();
            PlanFile.requireCode(stored, plugins.folder());
            return stored;
        }
        Plan plan = PlanFile.read(file, plugins.folder());
        if (!plan.table().equals(run.table())) {
            throw new RefusedException(
                    "Run '%s' goes over the table '%s', and the plan '%s' now names '%s'. Launch a new run for it."
                            .formatted(run.name(), run.table(), file, plan.table()));
        }
        if (!plan.write().equals(run.write())) {
            throw new RefusedException(
                    "Run '%s' writes by '%s', and the plan '%s' now by '%s'. Launch a new run for it."
                            .formatted(run.name(), run.write().text(), file, plan.write().text()));
        }
        if (!plan.where().equals(run.plan().where())) {
            throw new RefusedException(
                    ("The plan '%s' selects other documents ('where') than when run '%s' began, some of which it may have"
                            + " passed already. Nothing was changed. Put 'where' back as it was, or launch a new run.")
                            .formatted(file, run.name()));
        }
        if (!plan.digest().equals(run.planDigest()) && !(acceptChangedPlan && mayChange)) {
            throw new RefusedException(
                    ("The plan '%s' does something else than when run '%s' began: documents that are done would"
                            + " differ from those to come. Nothing was changed. Put the plan back as it was, or %s.")
                            .formatted(file, run.name(), mayChange ? "accept the difference with --accept-changed-plan"
                                    : "undo the canary, which says nothing of another plan, and launch a new run: ./backfill rollback "
                                            + run.name()));
        }
        return plan;
    }

    /** Throws {@link RefusedException} if the deployment, or a run that the plan refers to, is not as the plan needs it. */
    void requireDeployment(RunRepository stores, Plan plan, DeployKey key) {
        ReferencedRuns.require(plan, run.deploymentUrl(), stores.runs());
        try (ConvexClient client = ConvexClient.builder(URI.create(run.deploymentUrl())).deployKey(key).build()) {
            DeploymentCheck check = new DeploymentCheck(client);
            if (run.kind() instanceof RunKind.Verification) {
                check.checkForVerification(plan.functions());
            } else if (run.kind() instanceof RunKind.Rollback) {
                check.checkForRollback(plan.functions(), run.table());
            } else if (run.replayOf() != null || stores.selections().progress(run.name()).isComplete()) {
                check.checkWithoutIndex(plan);
            } else {
                check.check(plan);
            }
        }
    }

    /**
     * Returns the exit code.
     *
     * @param looksForReferences whether a rollback that has put documents back ends with that
     */
    int execute(RunContext context, DeployKey key, Plan plan, boolean looksForReferences) {
        RunRepository stores = context.repository();
        stores.tasks().freeFromTheDead(TaskQueue.RUNS, run.name());
        if (!stores.runs().prepareToResume(run.name(), plan,
                planFile == null ? run.planPath() : planFile.toAbsolutePath().toString())) {
            return nothingToResume(stores);
        }
        output.say("Run '%s' %s".formatted(run.name(), run.startedAt() == null ? "begins" : "goes on"));
        if (!(run.kind() instanceof RunKind.Rollback)) {
            Caveats.say(plan, output);
        }
        return RunExecution.execute(context, key, run.name(), plan, output,
                new RollbackEnding(stores, key, looksForReferences, output));
    }

    /** Says so, and returns the exit code. */
    int nothingToResume(RunRepository stores) {
        output.say("Run '%s' is already completed; there is nothing to resume.".formatted(run.name()));
        ReferencesLine.of(stores, run).filter(line -> !line.isComplete()).ifPresent(line -> output.say(line.text()));
        output.result(Map.of("run", run.name(), "state", RunState.COMPLETED.name()));
        return ExitCode.COMPLETED;
    }
}
