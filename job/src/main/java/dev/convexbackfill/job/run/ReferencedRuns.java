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

import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Step;
import dev.convexbackfill.config.plan.TransformSpec;
import dev.convexbackfill.config.plan.Write;
import java.util.ArrayList;
import java.util.List;

/** The earlier runs whose new ids a plan writes in the place of old ones. */
public final class ReferencedRuns {

    private ReferencedRuns() {}

    /** Their names, each once. */
    public static List<String> of(Plan plan) {
        List<String> names = new ArrayList<>();
        for (Step step : plan.steps()) {
            if (step.transform() instanceof TransformSpec.Reference reference && !names.contains(reference.run())) {
                names.add(reference.run());
            }
        }
        return names;
    }

    /**
     * Throws {@link RefusedException} unless the repository has each of them, complete, with documents that it has inserted into
     * the deployment of the plan.
     */
    public static void require(Plan plan, String deploymentUrl, RunStore runs) {
        for (String name : of(plan)) {
            Run run = runs.find(name).orElseThrow(() -> missing(name));
            if (!(run.write() instanceof Write.InsertInto)) {
                throw new RefusedException(
                        ("The run '%s', whose new ids the plan asks for, has written in place (%s). Name a run with"
                                + " 'write: { insertInto: … }' in the step 'reference'.").formatted(name,
                                        run.write().text()));
            }
            if (run.state() != RunState.COMPLETED) {
                throw new RefusedException(
                        ("The run '%s', whose new ids the plan asks for, is not complete, but %s. First go on with it:"
                                + " ./backfill resume %s").formatted(name, run.state(), name));
            }
            if (!run.deploymentUrl().equals(deploymentUrl)) {
                throw new RefusedException(
                        "The run '%s', whose new ids the plan asks for, has inserted documents into %s and not into %s."
                                .formatted(name, run.deploymentUrl(), deploymentUrl));
            }
        }
    }

    /** The refusal where a repository does not know a run. */
    public static RefusedException missing(String name) {
        return new RefusedException(
                ("There is no run '%s' in the repository, whose new ids the plan asks for. `./backfill list` shows all;"
                        + " another repository is given with --repository.").formatted(name));
    }
}
