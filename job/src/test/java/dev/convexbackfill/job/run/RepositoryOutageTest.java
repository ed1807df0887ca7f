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

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.partitioner.dispatch.TaskScope;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PostgreSQL goes away while a run's job saves what its steps do, which is the framework's work and is not tried again by it. */
class RepositoryOutageTest {

    private static final Plan PLAN = PlanParser.parse("plan.yaml", """
            apiVersion: backfill/v1
            name: people
            table: users
            ranges: 4
            transform: [{ increment: { field: count } }]
            """);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"open", "find", "ranges", "close"})
    void theRunGoesOnWhenItIsBack(String step) {
        assertThat(stateAfter(step, 3, Duration.ofMinutes(1))).isEqualTo(RunState.COMPLETED);
    }

    @Test
    void theRunFailsWhenItIsAwayForTooLong() {
        assertThat(stateAfter("open", Integer.MAX_VALUE, Duration.ofSeconds(3))).isEqualTo(RunState.FAILED);
    }

    /** Saving the step fails so often, as if the server were shutting down. */
    private RunState stateAfter(String step, int failures, Duration patience) {
        TestDatabase database = TestDatabase.Kind.POSTGRESQL.create(folder);
        RepositoryLocation location = new RepositoryLocation(database.url(), database.username(), database.password());
        try (LocalDeployment deployment = LocalDeployment.builder().start();
                RunContext context = RunContext.open(location, BackfillSettings.DEFAULT.withGiveUpAfter(patience))) {
            deployment.load("users", IntStream.range(0, 200)
                    .mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n), "count", ConvexValue.number(0))));
            create(context, deployment);
            context.repository().transactions().executeWithoutResult(_ -> context.repository().jdbc().sql("""
                    create sequence saved;
                    create function away() returns trigger language plpgsql as $$ begin
                      if new.step_name = '%s' and new.status <> 'FAILED' and nextval('saved') <= %d then
                        raise exception 'shutting down' using errcode = '57P01';
                      end if;
                      return new;
                    end $$;
                    create trigger away before update on batch_step_execution for each row execute function away();
                    """.formatted(step, failures)).update());

            RunState state = execute(context, deployment);

            if (state == RunState.COMPLETED) {
                deployment.forEach("users", user -> assertThat(user.number("count")).isEqualTo(1));
            }
            return state;
        }
    }

    private static void create(RunContext context, LocalDeployment deployment) {
        try (ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build()) {
            long table = new DeploymentCheck(client).check(PLAN).tableNumber();
            assertThat(context.repository().runs().create("people", "token", deployment.url().toString(), PLAN, null,
                    Range.cut(table, PLAN.ranges()))).isTrue();
        }
    }

    private static RunState execute(RunContext context, LocalDeployment deployment) {
        RunStore runs = context.repository().runs();
        try (RunEngine engine = context.engine(Objects.requireNonNull(deployment.adminKey()), new TaskScope.AllRuns(),
                PLAN.throttle().concurrency(), () -> {})) {
            engine.start();
            runs.prepareToResume("people", PLAN, null);
            engine.submit("people");
            Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> {
                RunState state = runs.find("people").orElseThrow().state();
                return state.isAtRest() && engine.isIdle();
            });
            return runs.find("people").orElseThrow().state();
        }
    }
}
