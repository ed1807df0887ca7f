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
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.DeploymentCheck.Checked;
import dev.convexbackfill.job.run.ReferencedRuns;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.quarantine.Replay;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Launches a run over the documents that another could not change. */
final class ReplayLaunch {

    /** A range has a row in the ledger; fewer documents are not worth one of their own. */
    private static final int DOCUMENTS_PER_RANGE = 100;
    private static final int MAX_NAME = 60;

    private final DeploymentOptions deployment;
    private final RepositoryOptions repository;
    private final DetachOption detach;
    private final PluginOptions plugins;
    private final Output output;

    ReplayLaunch(DeploymentOptions deployment, RepositoryOptions repository, DetachOption detach,
            PluginOptions plugins, Output output) {
        this.deployment = deployment;
        this.repository = repository;
        this.detach = detach;
        this.plugins = plugins;
        this.output = output;
    }

    /** Returns the exit code. Throws {@link RefusedException} if nothing was begun. */
    int launch(String name, @Nullable Path planFile, @Nullable String replayName) {
        DeployKey key = deployment.key();
        BackfillSettings settings = RepositoryOptions.settings().withPlugins(plugins.folder());
        Replay replay;
        try (RunContext context = repository.open(settings)) {
            RunRepository stores = context.repository();
            Run run = firstRun(stores, name);
            ResumeCommand.requireSameDeployment(deployment, run);
            long documents = stores.stores().quarantine().count(run.name());
            if (documents == 0) {
                output.say("Run '%s' has no documents in quarantine; there is nothing to try again."
                        .formatted(run.name()));
                output.result(Map.of("run", run.name(), "inQuarantine", 0));
                return ExitCode.COMPLETED;
            }
            Plan plan = plan(run, planFile);
            ReferencedRuns.require(plan, run.deploymentUrl(), stores.runs());
            replay = new Replay(run.name(),
                    replayName != null ? replayName : nextName(run.name(), stores.runs().replays(run.name())));
            if (!PlanParser.isName(replay.run())) {
                throw new RefusedException("--name must be 1 to 60 lower-case letters, digits and dashes, not '%s'"
                        .formatted(replay.run()));
            }
            detach.requirePossible(replay.run(), deployment);
            create(stores, replay, run, plan, planFile, key, documents);
            output.say("Run '%s' tries %s of the quarantine of '%s' again".formatted(replay.run(),
                    documents == 1 ? "the 1 document" : ProgressText.number(documents) + " documents", run.name()));
            Caveats.say(plan, output);
            if (!detach.isGiven()) {
                return RunExecution.execute(context, key, replay.run(), plan, output);
            }
        }
        return DetachedRun.launch(replay.run(), plugins.args(), deployment, repository, output);
    }

    /** A replay of a replay is one of the run that both try again. */
    private static Run firstRun(RunRepository stores, String name) {
        Run run = stores.runs().find(name).orElseThrow(() -> ResumeCommand.unknown(name));
        if (run.kind() instanceof RunKind.Rollback(String undone, _, _)) {
            throw new RefusedException(
                    ("Run '%s' is a rollback: what it left is what the app has written since. To undo that, too:"
                            + " ./backfill rollback %s --on-conflict force --confirm force").formatted(name, undone));
        }
        if (run.kind() instanceof RunKind.Verification) {
            throw new RefusedException("Run '%s' is a verification, which has no quarantine".formatted(name));
        }
        String of = run.replayOf();
        return of == null ? run : stores.runs().find(of).orElseThrow(() -> ResumeCommand.unknown(of));
    }

    static String nextName(String run, int before) {
        String end = "-replay-" + (before + 1);
        return run.substring(0, Math.min(run.length(), MAX_NAME - end.length())) + end;
    }

    private Plan plan(Run run, @Nullable Path planFile) {
        if (planFile == null) {
            PlanFile.requireCode(run.plan(), plugins.folder());
            return run.plan();
        }
        Plan plan = PlanFile.read(planFile, plugins.folder());
        if (!plan.write().equals(run.write())) {
            throw new RefusedException("Run '%s' writes by '%s', and the plan '%s' by '%s'. Put 'write' back as it was."
                    .formatted(run.name(), run.write().text(), planFile, plan.write().text()));
        }
        if (!plan.table().equals(run.table())) {
            throw new RefusedException(
                    "Run '%s' goes over the table '%s', and the plan '%s' names '%s'. Correct 'table'."
                            .formatted(run.name(), run.table(), planFile, plan.table()));
        }
        return plan;
    }

    /** Throws {@link RefusedException} if the deployment or the repository does not allow it. */
    static void create(RunRepository stores, Replay replay, Run run, Plan plan, @Nullable Path planFile,
            DeployKey key, long documents) {
        try (ConvexClient client = ConvexClient.builder(URI.create(run.deploymentUrl())).deployKey(key).build()) {
            DeploymentCheck check = new DeploymentCheck(client);
            Checked checked = check.checkWithoutIndex(plan);
            check.requireNoLedger(replay.run(), plan);
            int ranges = Math.toIntExact(Math.clamp(documents / DOCUMENTS_PER_RANGE, 1, plan.ranges()));
            stores.runs().createReplay(replay, UUID.randomUUID().toString(), run.deploymentUrl(), plan,
                    planFile == null ? run.planPath() : planFile.toAbsolutePath().toString(),
                    Range.cut(checked.tableNumber(), ranges));
        }
    }
}
