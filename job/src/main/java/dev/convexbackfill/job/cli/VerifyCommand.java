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
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks at every document that a run has gone over, in a run of its own. */
@Command(name = "verify", description = "Look at every document that a run has gone over, and say what is wrong. Writes nothing into the"
        + " deployment.")
final class VerifyCommand implements Callable<Integer> {

    private static final int MAX_SHOWN = 1000;

    @Parameters(paramLabel = "RUN", description = "The run to verify, with its replays; or a verification, to see what it has found.")
    private @Nullable String name;

    @Option(names = "--name", paramLabel = "NAME", description = "The verification's own name. Default: RUN-verify-1, and so on.")
    private @Nullable String verificationName;

    @Option(names = "--sample", paramLabel = "N", description = "Look at about so many documents, and not at all of them.")
    private @Nullable Integer sample;

    @Option(names = "--plan", paramLabel = "FILE", description = "The plan, with something else under 'ensure'. Default: the run's, as it was stored.")
    private @Nullable Path planFile;

    @Option(names = "--repair", description = "Migrate documents that are found not to be, in a replay of the run, and verify again.")
    private boolean repair;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "How many mismatches to show. Default: ${DEFAULT-VALUE}.")
    private int limit = VerificationReport.SHOWN;

    @Option(names = "--csv", paramLabel = "FILE", description = "Also write all that are kept to a CSV file, with a header.")
    private @Nullable Path csv;

    @Mixin
    private final DeploymentOptions deployment = new DeploymentOptions();

    @Mixin
    private final RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    private final PluginOptions plugins = new PluginOptions();

    @Mixin
    private final DetachOption detach = new DetachOption();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        if (limit < 0 || limit > MAX_SHOWN) {
            throw new RefusedException("--limit must be from 0 to %d; --csv writes all".formatted(MAX_SHOWN));
        }
        if (sample != null && sample < 1) {
            throw new RefusedException("--sample must be 1 or more, not %d".formatted(sample));
        }
        if (csv != null && detach.isGiven()) {
            throw new RefusedException(
                    "--csv is for when the verification has ended, and --detach does not wait for that");
        }
        if (repair && detach.isGiven()) {
            throw new RefusedException(
                    "--repair is for when the verification has ended, and --detach does not wait for that");
        }
        BackfillSettings settings = RepositoryOptions.settings().withPlugins(plugins.folder());
        String verification;
        try (RunContext context = repository.open(settings)) {
            RunRepository stores = context.repository();
            Run run = stores.runs().find(requireNonNull(name))
                    .orElseThrow(() -> ResumeCommand.unknown(requireNonNull(name)));
            VerificationReport report = new VerificationReport(stores, limit, output);
            if (run.kind() instanceof RunKind.Verification) {
                int code = report.show(RunProgress.of(run, stores.stores()));
                writeCsv(report, run.name());
                return code;
            }
            requireVerifiable(run);
            DeployKey key = deployment.key();
            ResumeCommand.requireSameDeployment(deployment, run);
            requireRest(stores, run, settings);
            VerificationLaunch launch = new VerificationLaunch(stores, run, output);
            verification = launch.name(verificationName);
            detach.requirePossible(verification, deployment);
            Plan plan = plan(run);
            launch.create(verification, plan, key, sample);
            if (!detach.isGiven()) {
                int code = RunExecution.execute(context, key, verification, plan, output, report::end);
                writeCsv(report, verification);
                return repair && code == ExitCode.COMPLETED_WITH_QUARANTINE
                        ? new Repair(context, run, key, output).repair(verification, plan,
                                () -> verifyAgain(context, launch, key, plan, report), code)
                        : code;
            }
        }
        return DetachedRun.launch(verification, plugins.args(), deployment, repository, output);
    }

    private Repair.Verified verifyAgain(RunContext context, VerificationLaunch launch, DeployKey key, Plan plan,
            VerificationReport report) {
        String again = launch.name(null);
        launch.create(again, plan, key, sample);
        return new Repair.Verified(again, RunExecution.execute(context, key, again, plan, output, report::end));
    }

    private void writeCsv(VerificationReport report, String verification) {
        if (csv != null) {
            report.writeCsv(verification, csv);
        }
    }

    private void requireVerifiable(Run run) {
        switch (run.kind()) {
            case RunKind.Backfill _ -> {
                // all of that is for it
            }
            case RunKind.Retry(var replay) -> throw new RefusedException(
                    "Run '%s' is a replay of '%s', and verified with it: ./backfill verify %s".formatted(run.name(),
                            replay.of(), replay.of()));
            case RunKind.Rollback _ -> {
                if (planFile != null || repair) {
                    throw new RefusedException(
                            "Run '%s' is a rollback: it has no plan of its own, and what it has left is undone by another rollback. --plan and --repair are not for it."
                                    .formatted(run.name()));
                }
            }
            case RunKind.Verification _ -> throw new IllegalStateException("A verification is shown");
        }
    }

    private void requireRest(RunRepository stores, Run run, BackfillSettings settings) {
        for (Run one : stores.runs().family(run.name())) {
            if (!one.state().isAtRest()) {
                ResumeCommand.requireFree(stores, one.name(), settings.lease(), output);
            }
            if (one.state() != RunState.COMPLETED) {
                output.say(
                        ("Run '%s' is not complete: of documents that it has not come to, nothing is expected. Go on with"
                                + " it: %s").formatted(one.name(), StatusCommand.next(one)));
            }
        }
    }

    private Plan plan(Run run) {
        if (run.kind() instanceof RunKind.Rollback) {
            return run.plan();
        }
        Plan plan = planFile == null ? run.plan() : PlanFile.read(planFile, plugins.folder());
        if (planFile == null) {
            PlanFile.requireCode(plan, plugins.folder());
        } else if (!plan.digest().equals(run.planDigest())) {
            throw new RefusedException(
                    "The plan '%s' does something else than run '%s' has done; only 'ensure' may differ.".formatted(
                            planFile, run.name()));
        }
        return plan;
    }
}
