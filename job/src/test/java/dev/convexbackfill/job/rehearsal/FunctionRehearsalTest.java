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
package dev.convexbackfill.job.rehearsal;

import static dev.convexbackfill.local.function.FunctionDefinition.mutation;
import static dev.convexbackfill.local.function.FunctionDefinition.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.rehearsal.report.JsonReport;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.schema.SchemaState;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.Database;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a rehearsal says of a plan whose documents the app's own query finds, and which its own mutation writes. */
class FunctionRehearsalTest {

    private static final int USERS = 600;

    private final AtomicInteger calls = new AtomicInteger();
    private final LocalDeployment deployment = LocalDeployment.builder().alsoFunctions(List.of(
            query("users:even", Visibility.PUBLIC, Validator.ANY, FunctionRehearsalTest::even),
            mutation("users:take", Visibility.PUBLIC, Validator.ANY, (_, _) -> {
                calls.incrementAndGet();
                return ConvexNull.NULL;
            }))).start();
    private final ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    FunctionRehearsalTest() {
        deployment.load("users", IntStream.range(0, USERS).mapToObj(n -> n % 10 == 4
                ? ConvexObject.of("n", ConvexValue.number(n))
                : ConvexObject.of("n", ConvexValue.number(n), "name", ConvexValue.of("Ada L"))));
    }

    @AfterEach
    void close() {
        client.close();
        deployment.close();
    }

    /** In the order of {@code n}, 100 at a time; each page also has the first user once more. */
    private static ConvexValue even(Database db, ConvexObject args) {
        String cursor = args.optionalString("cursor");
        int from = cursor == null ? 0 : Integer.parseInt(cursor);
        int to = from + Math.min(100, (int) args.number("limit"));
        ConvexObject page = ConvexObject.of("items", ConvexValue.array(db.take("users", USERS).stream()
                .filter(user -> user.number("n") % 2 == 0
                        && (user.number("n") == 0 || (user.number("n") >= from && user.number("n") < to)))
                .toList()));
        return to >= USERS ? page : page.with("nextCursor", ConvexValue.of(Integer.toString(to)));
    }

    private RehearsalReport rehearse(Scope scope) throws Exception {
        Plan plan = PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: r
                table: users
                ranges: 3
                source: { query: 'users:even', pagination: nextCursor }
                where: { filter: 'doc.n >= 100.0' }
                transform: [{ set: { field: hello, value: true } }]
                sink: { mutation: 'users:take', args: { id: doc._id, name: doc.name, hello: set.hello } }
                """);
        long before = deployment.store().timestamp();
        try (TransformChain chain = TransformChain.of(plan, spec -> {
            throw new AssertionError(spec);
        });
                Rehearsal rehearsal = new Rehearsal(plan, chain, client, new DeploymentCheck(client).check(plan),
                        BackfillSettings.DEFAULT, scope, 7, document -> {
                            assertThat(seen.add(document.id())).isTrue();
                        })) {
            rehearsal.read();
            assertThat(deployment.store().timestamp()).isEqualTo(before);
            assertThat(calls.get()).isZero();
            return rehearsal.report();
        }
    }

    @Test
    void readsWhatTheQueryReturnsAndShowsWhatTheMutationWouldBeCalledWith() throws Exception {
        RehearsalReport report = rehearse(new Scope.All());

        RehearsalReport.Counts counts = report.findings().counts();
        assertThat(counts.read()).isEqualTo(USERS / 2);
        assertThat(counts.unchanged()).isEqualTo(50);
        // every fifth of them has no name
        assertThat(counts.changed()).isEqualTo(200);
        assertThat(counts.quarantined()).isEqualTo(50);
        assertThat(report.findings().pairs()).hasSize(20).allSatisfy(pair -> {
            assertThat(pair.before()).isEqualTo(ConvexObject.EMPTY);
            assertThat(pair.after()).isEqualTo(ConvexObject.builder().put("id", pair.id()).put("name", "Ada L")
                    .put("hello", true).build());
        });
        assertThat(report.findings().reasons()).singleElement()
                .satisfies(reason -> assertThat(reason.example()).startsWith("sink.args.name: 'doc.name' failed: "));
        assertThat(report.findings().activeSchema().state()).isEqualTo(SchemaState.NOT_FORESEEN);
        assertThat(report.estimate().isExact()).isFalse();
        assertThat(report.estimate().functionCalls()).isGreaterThan(200);
        assertThat(JsonReport.of(report).get("caveats")).asInstanceOf(
                org.assertj.core.api.InstanceOfAssertFactories.list(String.class)).hasSize(2).anySatisfy(
                        caveat -> assertThat(caveat).startsWith("Mind that the run calls users:take at least once"));
    }

    @Test
    void aSampleIsOfWhatTheQueryReturns() throws Exception {
        RehearsalReport report = rehearse(new Scope.Sample(60));

        assertThat(report.findings().counts().read()).isEqualTo(60);
        assertThat(report.estimate().documents()).isEqualTo(USERS / 2);
    }
}
