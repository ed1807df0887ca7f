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

import static dev.convexbackfill.local.function.FunctionDefinition.mutation;
import static dev.convexbackfill.local.function.FunctionDefinition.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.local.function.Database;
import dev.convexbackfill.local.function.Database.Page;
import dev.convexbackfill.local.function.Database.PageOptions;
import dev.convexbackfill.local.function.Database.PageQuery;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.partitioner.dispatch.TaskScope;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument;
import dev.convexbackfill.readerswriters.quarantine.Replay;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose documents a query of the app's own finds, and which a mutation of it writes, looked at document by document. */
class FunctionRunTest {

    private static final int DOCUMENTS = 1500;
    private static final String SOURCE = "source: { query: 'users:batch', args: { team: red } }\n";
    private static final String SINK = "sink: { mutation: 'users:take', args: { userId: doc._id, n: doc.n } }\n";

    private final Map<String, Integer> calls = new HashMap<>();
    private volatile boolean refusesSevens;
    private final LocalDeployment deployment = LocalDeployment.builder().alsoFunctions(List.of(
            query("users:batch", Visibility.INTERNAL,
                    Validator.object().field("team", Validator.STRING).field("paginationOpts",
                            Validator.object().field("numItems", Validator.NUMBER).field("cursor",
                                    Validator.nullable(Validator.STRING))),
                    FunctionRunTest::batch),
            query("users:pets", Visibility.PUBLIC, Validator.ANY,
                    (db, _) -> ConvexObject.of("items", ConvexValue.array(db.take("pets", 3)))),
            mutation("users:take", Visibility.INTERNAL, Validator.object().field("userId", Validator.STRING)
                    .field("n", Validator.NUMBER), this::take)))
            .start();

    @TempDir
    private Path folder;

    private @Nullable RepositoryLocation location;

    @BeforeEach
    void load() {
        TestDatabase database = TestDatabase.Kind.H2.create(folder);
        location = new RepositoryLocation(database.url(), database.username(), database.password());
        deployment.load("users", IntStream.range(0, DOCUMENTS).mapToObj(n -> ConvexObject.builder()
                .put("n", n).put("team", n % 2 == 0 ? "red" : "blue").put("count", 0).build()));
        deployment.load("pets", IntStream.range(0, 3).mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n))));
    }

    @AfterEach
    void close() {
        deployment.close();
    }

    private static ConvexValue batch(Database db, ConvexObject args) {
        ConvexObject options = args.object("paginationOpts");
        Page page = db.paginate(new PageQuery("users", "by_creation_time", IndexBounds.ALL, false),
                new PageOptions(Math.min(50, (int) options.number("numItems")), options.optionalString("cursor"), 0,
                        0));
        return ConvexObject.builder()
                .put("page",
                        ConvexValue.array(page.documents().stream()
                                .filter(user -> user.require("team").equals(args.get("team"))).toList()))
                .put("isDone", page.isDone()).put("continueCursor", page.continueCursor()).build();
    }

    private ConvexValue take(Database db, ConvexObject args) {
        if (refusesSevens && args.number("n") % 7 == 0) {
            throw new FunctionFailedException("Uncaught Error: no sevens");
        }
        ConvexObject user = Objects.requireNonNull(db.get(args.string("userId")));
        db.patch(args.string("userId"), Map.of("count", ConvexValue.number(user.number("count") + 1)));
        synchronized (calls) {
            calls.merge(args.string("userId"), 1, Integer::sum);
        }
        return ConvexNull.NULL;
    }

    private static Plan plan(String more) {
        return PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: people
                table: users
                ranges: 4
                chunk: { documents: 10 }
                """ + more);
    }

    private RunContext repository() {
        return RunContext.open(Objects.requireNonNull(location),
                BackfillSettings.DEFAULT.withGiveUpAfter(Duration.ofSeconds(20)));
    }

    private void create(RunContext context, Plan plan) {
        try (ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build()) {
            long table = new DeploymentCheck(client).check(plan).tableNumber();
            assertThat(context.repository().runs().create("people", "token", deployment.url().toString(), plan, null,
                    Range.cut(table, plan.ranges()))).isTrue();
        }
    }

    /** Executes the run until it is at rest, or until {@code isEnough}: then it is stopped. */
    private Run execute(RunContext context, String name, Plan plan, BooleanSupplier isEnough) {
        RunStore runs = context.repository().runs();
        try (RunEngine engine = context.engine(deployment.adminKey(), new TaskScope.AllRuns(),
                plan.throttle().concurrency(), () -> {})) {
            engine.start();
            runs.prepareToResume(name, plan, null);
            engine.submit(name);
            patiently().until(() -> isEnough.getAsBoolean() || isAtRest(runs, name));
            runs.requestStop(name, "enough");
            engine.stop(name, "enough");
            patiently().until(() -> isAtRest(runs, name) && engine.isIdle());
        }
        return runs.find(name).orElseThrow();
    }

    private static boolean isAtRest(RunStore runs, String name) {
        return runs.find(name).orElseThrow().state().isAtRest();
    }

    private static ConditionFactory patiently() {
        return Awaitility.await().atMost(Duration.ofMinutes(4)).pollInterval(Duration.ofMillis(5));
    }

    private static Counts counts(RunContext context, String name) {
        Run run = context.repository().runs().find(name).orElseThrow();
        return RunProgress.of(run, context.repository().stores().ranges().list(name)).counts();
    }

    private int called() {
        synchronized (calls) {
            return calls.size();
        }
    }

    private List<ConvexObject> users(String team) {
        List<ConvexObject> users = new ArrayList<>();
        deployment.forEach("users", user -> {
            if (user.string("team").equals(team)) {
                users.add(user);
            }
        });
        return users;
    }

    @Test
    void whatTheQueryReturnsIsIncrementedOnceByTheRunItselfThoughItIsBegunAgainAndAgain() {
        Plan plan = plan(SOURCE + "where: { filter: 'doc.n >= 10.0' }\ntransform: [{ increment: { field: count } }]\n");
        deployment.setFaults(Faults.fromJson(ConvexObject.of("replyLost", ConvexValue.number(5))));
        try (RunContext context = repository()) {
            create(context, plan);
            RunRepository stores = context.repository();
            // in the middle of the search, at its end, and among the ranges
            execute(context, "people", plan, () -> stores.selections().progress("people").version() >= 3);
            assertThat(stores.selections().progress("people").isComplete()).isFalse();
            execute(context, "people", plan, () -> stores.selections().progress("people").isComplete());
            execute(context, "people", plan, () -> counts(context, "people").changed() > 100);

            Run run = execute(context, "people", plan, () -> false);

            assertThat(run.state()).describedAs(run.reason()).isEqualTo(RunState.COMPLETED);
            assertThat(counts(context, "people")).isEqualTo(new Counts(DOCUMENTS / 2, DOCUMENTS / 2 - 5, 5, 0, 0, 0));
        }
        assertThat(users("red")).hasSize(DOCUMENTS / 2)
                .allSatisfy(user -> assertThat(user.number("count")).isEqualTo(user.number("n") >= 10 ? 1 : 0));
        assertThat(users("blue")).allSatisfy(user -> assertThat(user.number("count")).isZero());
    }

    @Test
    void aRunThatIsStoppedAndLosesRepliesCallsForEveryDocumentAndReplaysItsQuarantine() {
        Plan plan = plan(SOURCE + SINK + "throttle: { concurrency: 2 }\nquarantine: { stopAbove: 1000 }\n");
        refusesSevens = true;
        deployment.setFaults(Faults.fromJson(ConvexObject.of("replyLost", ConvexValue.number(50))));
        try (RunContext context = repository()) {
            create(context, plan);
            execute(context, "people", plan, () -> called() > 50);
            assertThat(called()).isBetween(51, DOCUMENTS / 2 - 1);
            execute(context, "people", plan, () -> called() > 250);
            Run run = execute(context, "people", plan, () -> false);

            assertThat(run.state()).describedAs(run.reason()).isEqualTo(RunState.COMPLETED);
            long sevens = users("red").stream().filter(user -> user.number("n") % 7 == 0).count();
            assertThat(counts(context, "people"))
                    .isEqualTo(new Counts(DOCUMENTS / 2, DOCUMENTS / 2 - sevens, 0, 0, sevens, 0));
            assertThat(users("red")).allSatisfy(user -> assertThat(user.number("count") >= 1)
                    .isEqualTo(user.number("n") % 7 != 0));
            assertThat(context.repository().stores().quarantine().list("people", 1000))
                    .extracting(QuarantinedDocument::message)
                    .containsOnly("The call of 'users:take' failed: Server Error\nUncaught Error: no sevens");

            refusesSevens = false;
            context.repository().runs().createReplay(new Replay("people", "again"), "token2",
                    deployment.url().toString(), plan, null, Range.cut(10001, 2));
            Run replay = execute(context, "again", plan, () -> false);

            assertThat(replay.state()).describedAs(replay.reason()).isEqualTo(RunState.COMPLETED);
            assertThat(counts(context, "again")).isEqualTo(new Counts(sevens, sevens, 0, 0, 0, 0));
            assertThat(context.repository().stores().quarantine().count("people")).isZero();
        }
        assertThat(users("red")).allSatisfy(user -> assertThat(user.number("count")).isGreaterThanOrEqualTo(1));
        assertThat(users("blue")).allSatisfy(user -> assertThat(user.number("count")).isZero());
    }

    @Test
    void aSourceThatReturnsOtherDocumentsFailsTheRunBeforeAnythingIsWritten() {
        Plan plan = plan("source: { query: 'users:pets', pagination: nextCursor }\n" + SINK);
        try (RunContext context = repository()) {
            // past the check, as if the query had changed since
            assertThat(context.repository().runs().create("people", "token", deployment.url().toString(), plan, null,
                    Range.cut(10001, plan.ranges()))).isTrue();

            Run run = execute(context, "people", plan, () -> false);

            assertThat(run.state()).isEqualTo(RunState.FAILED);
            assertThat(run.reason()).startsWith("Item 1 on page 1 of the query 'users:pets' has the id '")
                    .endsWith("', which is of another table. It must return documents of 'users', or their ids. Nothing"
                            + " was written.");
        }
        assertThat(called()).isZero();
    }

    @Test
    void whatADeploymentLacksIsSaidBeforeAnythingIsCalled() {
        try (ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build()) {
            DeploymentCheck check = new DeploymentCheck(client);

            assertThat(check.check(plan(SOURCE + SINK)).isSinkKnown()).isTrue();
            assertThatThrownBy(() -> check.check(plan("sink: { mutation: 'users:takes' }\n")))
                    .isInstanceOf(RefusedException.class)
                    .hasMessage(
                            "The deployment %s has no function 'users:takes'. It has the mutations users:take. Correct"
                                    .formatted(deployment.url()) + " 'sink.mutation' in the plan, or deploy it.");
            assertThatThrownBy(() -> check.check(plan("sink: { mutation: 'users:pets' }\n")))
                    .isInstanceOf(RefusedException.class)
                    .hasMessage("'users:pets' of the deployment %s is of the type Query, and 'sink.mutation' must be a"
                            .formatted(deployment.url()) + " mutation.");
            assertThatThrownBy(() -> check.check(plan("source: { query: 'users:all' }\n" + SINK)))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageStartingWith("The deployment %s has no query 'users:all' (".formatted(deployment.url()))
                    .hasMessageEndingWith("). Correct 'source.query' in the plan, or deploy it.");
            assertThatThrownBy(() -> check.check(plan("source: { query: 'users:batch' }\n" + SINK)))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageStartingWith("The query 'users:batch' can't be used as a source: ")
                    .hasMessageContaining("team")
                    .hasMessageEndingWith(". Correct 'source' in the plan, or the query.");
            assertThatThrownBy(() -> check.check(plan("source: { query: 'users:pets' }\n" + SINK)))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageStartingWith(
                            "The query 'users:pets' returned an object with the fields [items] as page 1");
        }
        assertThat(called()).isZero();
    }
}
