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
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.DeploymentCheck.Checked;
import dev.convexbackfill.job.run.ReferencedRuns;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "check", description = "Check a plan, and a deployment against it. Changes nothing.")
final class CheckCommand implements Callable<Integer> {

    @Parameters(paramLabel = "PLAN", description = "The plan, a YAML file.")
    private @Nullable Path planFile;

    @Mixin
    private final PluginOptions plugins = new PluginOptions();

    @Mixin
    private final DeploymentOptions deployment = new DeploymentOptions();

    @Mixin
    private final RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        Plan plan = PlanFile.read(requireNonNull(planFile), plugins.folder());
        output.say(
                "The plan '%s' is valid: %d steps over the table '%s'.".formatted(plan.name(), plan.steps().size(),
                        plan.table()));
        URI url = deployment.url();
        try (ConvexClient client = ConvexClient.builder(url).deployKey(deployment.key()).build()) {
            Checked checked = new DeploymentCheck(client).check(plan);
            requireReferencedRuns(plan, url);
            String documents = checked.documents().isPresent()
                    ? ProgressText.number(checked.documents().getAsLong())
                    : "an unknown number of";
            output.say(
                    ("The deployment '%s' at %s takes the key, has the functions installed, and has the table with %s"
                            + " documents.\nNothing was changed. See what it would do with: ./backfill rehearse %s")
                            .formatted(checked.instanceName(), url,
                                    documents, planFile));
            Caveats.say(plan, output);
            if (plan.sink() != null && !checked.isSinkKnown()) {
                output.say(
                        "The deployment does not say which functions it has: whether it has '%s' is seen only when the run calls it."
                                .formatted(plan.sink().mutation()));
            }
            Map<String, @Nullable Object> result = new LinkedHashMap<>();
            result.put("plan", plan.name());
            result.put("table", plan.table());
            result.put("deployment", url.toString());
            result.put("instanceName", checked.instanceName());
            result.put("documents", checked.documents().isPresent() ? checked.documents().getAsLong() : null);
            result.put("caveats", plan.caveats());
            output.result(result);
        }
        return ExitCode.COMPLETED;
    }

    /** Looks into the repository only where the plan needs it. */
    private void requireReferencedRuns(Plan plan, URI url) {
        List<String> runs = ReferencedRuns.of(plan);
        if (!runs.isEmpty() && !repository.ask(stores -> {
            ReferencedRuns.require(plan, url.toString(), stores.runs());
            return true;
        }, false)) {
            throw ReferencedRuns.missing(runs.getFirst());
        }
    }
}
