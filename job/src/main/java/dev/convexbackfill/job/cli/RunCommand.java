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

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.canary.CanarySize;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.DeploymentCheck.Checked;
import dev.convexbackfill.job.run.ReferencedRuns;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.partitioner.range.Range;
import java.net.URI;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "run", description = "Launch a plan and follow it. Ctrl-C stops it; resume goes on.")
final class RunCommand implements Callable<Integer> {

    @Parameters(paramLabel = "PLAN", description = "The plan, a YAML file.")
    private @Nullable Path planFile;

    @Option(names = "--name", paramLabel = "RUN", description = "The run's name. Default: the plan's.")
    private @Nullable String name;

    @Option(names = "--verify", description = "When it is complete, also verify it: the exit code is 3 if something is wrong.")
    private boolean verify;

    @Mixin
    private final CanaryOption canary = new CanaryOption();

    @Mixin
    private final PluginOptions plugins = new PluginOptions();

    @Mixin
    private final DeploymentOptions deployment = new DeploymentOptions();

    @Mixin
    private final RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    private final DetachOption detach = new DetachOption();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        Path file = requireNonNull(planFile);
        Plan plan = PlanFile.read(file, plugins.folder());
        String run = name == null ? plan.name() : name;
        if (!PlanParser.isName(run)) {
            throw new RefusedException(
                    "--name must be 1 to 60 lower-case letters, digits and dashes, not '%s'".formatted(run));
        }
        if (verify) {
            VerificationLaunch.requireOwnWork(plan);
        }
        if (verify && detach.isGiven()) {
            throw new RefusedException(
                    "--verify is for a run that is followed; after --detach: ./backfill verify " + run);
        }
        CanarySize size = canary.size();
        if (size != null) {
            CanaryOption.requirePossible(plan);
        }
        URI url = deployment.url();
        detach.requirePossible(run, deployment);
        DeployKey key = deployment.key();
        BackfillSettings settings = RepositoryOptions.settings().withPlugins(plugins.folder());
        try (ConvexClient client = ConvexClient.builder(url).deployKey(key).build()) {
            DeploymentCheck check = new DeploymentCheck(client);
            Checked checked = check.check(plan);
            try (RunContext context = repository.open(settings)) {
                if (size != null) {
                    CanaryOption.requirePossible(plan, check);
                }
                ReferencedRuns.require(plan, url.toString(), context.repository().runs());
                if (context.repository().runs().find(run).isPresent()) {
                    throw existing(run);
                }
                check.requireNoLedger(run, plan);
                create(context.repository(), run, plan, url, checked.tableNumber(), size);
                output.say("Run '%s': table '%s'%s of %s, in %d ranges".formatted(run, plan.table(),
                        checked.documents().isPresent()
                                ? " with %s documents".formatted(ProgressText.number(checked.documents().getAsLong()))
                                : "",
                        url, plan.ranges()));
                if (size != null) {
                    output.say("First a canary: %s%s, then it is verified, and the run %s".formatted(size,
                            size instanceof CanarySize.Documents ? " documents" : " of the documents",
                            canary.isAutoApproved() ? "goes on if nothing is wrong" : "waits for approval"));
                }
                Caveats.say(plan, output);
                if (!detach.isGiven()) {
                    int code = RunExecution.execute(context, key, run, plan, output);
                    if (verify && code == ExitCode.WAITING) {
                        output.say("To verify all of it when it is complete: ./backfill approve %s --verify"
                                .formatted(run));
                    }
                    return verify ? VerificationLaunch.verifyIfComplete(code, context, key, run, plan, output) : code;
                }
            }
        }
        return DetachedRun.launch(run, plugins.args(), deployment, repository, output);
    }

    private void create(RunRepository stores, String run, Plan plan, URI url, long tableNumber,
            @Nullable CanarySize size) {
        stores.transactions().executeWithoutResult(_ -> {
            if (!stores.runs().create(run, UUID.randomUUID().toString(), url.toString(), plan,
                    requireNonNull(planFile).toAbsolutePath().toString(), Range.cut(tableNumber, plan.ranges()))) {
                throw existing(run);
            }
            if (size != null) {
                stores.canaries().create(run, size, canary.isAutoApproved());
            }
        });
    }

    private static RefusedException existing(String run) {
        return new RefusedException(
                ("There is already a run '%s' in the repository. See `./backfill status %s`; go on with it by"
                        + " `./backfill resume %s`, or give a new run another --name.").formatted(run, run, run));
    }
}
