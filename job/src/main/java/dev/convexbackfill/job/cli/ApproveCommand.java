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

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunApproval;
import dev.convexbackfill.job.run.RunRepository;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets a run go on that waits after its canary. */
@Command(name = "approve", description = "Go on with a run whose canary is done, over all other documents.")
final class ApproveCommand implements Callable<Integer> {

    @Parameters(paramLabel = "RUN", description = "The run's name.")
    private @Nullable String name;

    @Option(names = "--in-spite-of-mismatches", description = "Also if the verification of the canary found that something is wrong.")
    private boolean inSpiteOfMismatches;

    @Option(names = "--verify", description = "When the run is complete, also verify all of it: the exit code is 3 if something is wrong.")
    private boolean verify;

    @Option(names = "--plan", paramLabel = "FILE", description = "The plan, if it is not where it was.")
    private @Nullable Path planFile;

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
        String runName = requireNonNull(name);
        if (verify && detach.isGiven()) {
            throw new RefusedException(
                    "--verify is for a run that is followed; after --detach: ./backfill verify " + runName);
        }
        detach.requirePossible(runName, deployment);
        DeployKey key = deployment.key();
        BackfillSettings settings = RepositoryOptions.settings().withPlugins(plugins.folder());
        try (RunContext context = repository.open(settings)) {
            RunRepository stores = context.repository();
            Run run = stores.runs().find(runName).orElseThrow(() -> ResumeCommand.unknown(runName));
            RunApproval approval = new RunApproval(stores);
            approval.require(run, inSpiteOfMismatches);
            ResumeCommand.requireSameDeployment(deployment, run);
            ResumedRun resumed = new ResumedRun(run, planFile, plugins, output);
            Plan plan = resumed.plan(stores, false);
            resumed.requireDeployment(stores, plan, key);
            String by = System.getProperty("user.name");
            approval.approve(run, by, inSpiteOfMismatches);
            output.say("Run '%s' is approved by %s".formatted(runName, by));
            if (!detach.isGiven()) {
                int code = resumed.execute(context, key, plan, false);
                return verify ? VerificationLaunch.verifyIfComplete(code, context, key, runName, plan, output) : code;
            }
        }
        return DetachedRun.launch(runName, options(), deployment, repository, output);
    }

    /** Those of this command that a process in the background needs, too. */
    private List<String> options() {
        List<String> options = new ArrayList<>(plugins.args());
        if (planFile != null) {
            options.addAll(List.of("--plan", planFile.toString()));
        }
        return options;
    }
}
