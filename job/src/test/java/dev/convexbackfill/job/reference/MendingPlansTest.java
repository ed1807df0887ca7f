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
package dev.convexbackfill.job.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.plan.TransformSpec;
import dev.convexbackfill.job.reference.SearchState.Field;
import java.util.List;
import org.junit.jupiter.api.Test;

class MendingPlansTest {

    private static Field field(String name) {
        return new Field("Posts_v2", name, 1, 1);
    }

    @Test
    void eachPlanCanBeReadAndNamesAllThatTheStepReaches() {
        MendingPlans plans = MendingPlans.of("purge-rollback-1", "lib/backfill", List.of(field("author"), field("yes"),
                field("it's: #1"), field("members"), field("members[]"), field("profile.owner"),
                field("profile.friends[]")));

        Plan plan = PlanParser.parse("mend.yaml", String.valueOf(plans.plans().get("Posts_v2")));
        assertThat(plan.name()).isEqualTo("mend-posts-v2-purge-rollback-1");
        assertThat(plan.table()).isEqualTo("Posts_v2");
        assertThat(plan.functions()).isEqualTo("lib/backfill");
        assertThat(plan.steps()).extracting(step -> ((TransformSpec.Reference) step.transform()).field().toString())
                .containsExactly("author", "yes", "it's: #1", "members", "profile.owner", "profile.friends");
        assertThat(plans.unreachable()).isEmpty();
    }

    @Test
    void whatTheStepDoesNotReachIsSaid() {
        List<Field> fields = List.of(field("lines[].by"), field("votes{}"), field("votes.*"), field("grid[][]"),
                field("names.**"), field("**"), field("{}"), field("*"));

        MendingPlans plans = MendingPlans.of("purge-rollback-1", "backfill", fields);

        assertThat(plans.plans()).isEmpty();
        assertThat(plans.unreachable()).isEqualTo(fields);
    }

    @Test
    void namesOfPlansAreNeverTooLong() {
        String run = "r".repeat(60);

        String plan = String.valueOf(
                MendingPlans.of(run, "backfill", List.of(field("author"))).plans().get("Posts_v2"));

        assertThat(PlanParser.parse("mend.yaml", plan).name()).hasSizeLessThanOrEqualTo(60)
                .startsWith("mend-posts-v2-r");
    }
}
