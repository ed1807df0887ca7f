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
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.partitioner.dispatch.ProcessName;
import dev.convexbackfill.partitioner.dispatch.TaskId;
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import dev.convexbackfill.partitioner.dispatch.TaskStore.TaskRow;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "resume", description = "Go on with a run that was stopped, failed, or whose process died.")
final class ResumeCommand implements Callable<Integer> {

    static final String NO_REFERENCES = "--no-references";

    private static final Duration LOOK_EVERY = Duration.ofMillis(200);
    /** Of the lease: who lives says so twice in this time. */
    private static final int SIGNS_TO_WAIT_FOR = 5;

    @Parameters(paramLabel = "RUN", description = "The run's name.")
    private @Nullable String name;

    @Option(names = "--plan", paramLabel = "FILE", description = "The plan, if it is not where it was.")
    private @Nullable Path planFile;

    @Option(names = "--accept-changed-plan", description = "Go on with a plan that does something else than before: from here on, not for documents that are done.")
    private boolean acceptChangedPlan;

    @Option(names = NO_REFERENCES, description = "If it is a rollback that puts deleted documents back: do not look for references to their old ids"
            + " afterwards.")
    private boolean noReferences;

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
        detach.requirePossible(runName, deployment);
        DeployKey key = deployment.key();
        BackfillSettings settings = RepositoryOptions.settings().withPlugins(plugins.folder());
        try (RunContext context = repository.open(settings)) {
            RunRepository stores = context.repository();
            Run run = stores.runs().find(runName).orElseThrow(() -> unknown(runName));
            if (run.state() == RunState.COMPLETED) {
                return new ResumedRun(run, planFile, plugins, output).nothingToResume(stores);
            }
            requireSameDeployment(deployment, run);
            ResumedRun resumed = new ResumedRun(run, planFile, plugins, output);
            resumed.requireNotBarred(stores);
            Plan plan = resumed.plan(stores, acceptChangedPlan);
            requireFree(stores, runName, settings.lease(), output);
            resumed.requireDeployment(stores, plan, key);
            if (!detach.isGiven()) {
                return resumed.execute(context, key, plan, !noReferences);
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
        if (acceptChangedPlan) {
            options.add("--accept-changed-plan");
        }
        if (noReferences) {
            options.add(NO_REFERENCES);
        }
        return options;
    }

    static RefusedException unknown(String run) {
        return new RefusedException(
                "There is no run '%s' in the repository; `./backfill list` shows all".formatted(run));
    }

    /** Throws {@link RefusedException} if another deployment is given than the run's. */
    static void requireSameDeployment(DeploymentOptions deployment, Run run) {
        URI given = deployment.urlIfGiven();
        if (given != null && !given.toString().equals(run.deploymentUrl())) {
            throw new RefusedException(
                    ("Run '%s' belongs to %s and not to %s; unset CONVEX_URL and CONVEX_SELF_HOSTED_URL, or give"
                            + " --url %s").formatted(run.name(), run.deploymentUrl(), given, run.deploymentUrl()));
        }
    }

    /** Returns once no living process executes the run; waits for one that is silent until its lease is over. */
    static void requireFree(RunRepository stores, String run, Duration lease, Output output) {
        TaskId task = TaskId.ofRun(run);
        TaskRow first = stores.tasks().find(TaskQueue.RUNS, task).orElse(null);
        if (first == null || first.isFree(lease)) {
            return;
        }
        String holder = ProcessName.parse(requireNonNull(first.holder())).map(ProcessName::describe)
                .orElse(first.holder());
        boolean told = false;
        long patience = System.nanoTime() + lease.dividedBy(SIGNS_TO_WAIT_FOR).toNanos();
        Duration silent = first.silent();
        while (true) {
            StopSignal.never().await(LOOK_EVERY);
            TaskRow now = stores.tasks().find(TaskQueue.RUNS, task).orElse(null);
            if (now == null || now.isFree(lease)) {
                return;
            }
            if (now.silent().compareTo(silent) < 0) {
                throw new RefusedException(
                        ("Run '%s' is being executed by %s. Look on with `./backfill status %s`, or stop it with"
                                + " `./backfill stop %s`.").formatted(run, holder, run, run));
            }
            silent = now.silent();
            if (!told && System.nanoTime() > patience) {
                told = true;
                output.say(
                        "%s executes run '%s' and has been silent for %d s; taking over when its lease of %d s is over"
                                .formatted(holder, run, silent.toSeconds(), lease.toSeconds()));
            }
        }
    }
}
