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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.StoredDocument;
import dev.convexbackfill.partitioner.dispatch.TaskScope;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs over a part of a table, each looked at document by document: every one that is selected is incremented once, and no other. */
class SelectionRunTest {

    private static final int DOCUMENTS = 3000;
    private static final String SCHEMA = """
            {"schemaValidation": false, "tables": [{"tableName": "users", "searchIndexes": [], "vectorIndexes": [],
              "stagedDbIndexes": [{"indexDescriptor": "by_name", "fields": ["name"]}],
              "indexes": [{"indexDescriptor": "by_city", "fields": ["city", "age"]},
                          {"indexDescriptor": "by_status", "fields": ["status"]}], "documentType": null}]}""";
    private static final BackfillSettings SETTINGS = BackfillSettings.DEFAULT.withGiveUpAfter(Duration.ofSeconds(20));

    private final LocalDeployment deployment = LocalDeployment.builder().start();
    private final Map<String, ConvexObject> before = new HashMap<>();

    @TempDir
    private Path folder;

    private @Nullable RepositoryLocation location;

    @BeforeEach
    void load() {
        TestDatabase database = TestDatabase.Kind.H2.create(folder);
        location = new RepositoryLocation(database.url(), database.username(), database.password());
        deployment.pushSchema(SCHEMA);
        deployment.load("users", IntStream.range(0, DOCUMENTS).mapToObj(n -> ConvexObject.builder()
                .put("city", n % 3 == 0 ? "Lyon" : "Paris").put("age", n % 100).put("n", n)
                .put("status", n % 2 == 0 ? "old" : "new").put("count", 0).build()));
        deployment.forEach("users", user -> before.put(user.string("_id"), user));
    }

    @AfterEach
    void close() {
        deployment.close();
    }

    private static Plan plan(String more) {
        return PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: people
                table: users
                ranges: 8
                chunk: { documents: 50 }
                """ + more);
    }

    private static Plan increments(String where) {
        return plan("where: " + where + "\ntransform: [{ increment: { field: count } }]\n");
    }

    private RunContext repository() {
        return RunContext.open(Objects.requireNonNull(location), SETTINGS);
    }

    private void create(RunContext context, Plan plan) {
        try (ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build()) {
            long table = new DeploymentCheck(client).check(plan).tableNumber();
            assertThat(context.repository().runs().create("people", "token", deployment.url().toString(), plan, null,
                    Range.cut(table, plan.ranges()))).isTrue();
        }
    }

    /** Executes the run until it is at rest, or until {@code isEnough}: then it is stopped. */
    private void execute(RunContext context, Plan plan, BooleanSupplier isEnough) {
        RunStore runs = context.repository().runs();
        try (RunEngine engine = context.engine(deployment.adminKey(), new TaskScope.AllRuns(),
                plan.throttle().concurrency(), () -> {})) {
            engine.start();
            runs.prepareToResume("people", plan, null);
            engine.submit("people");
            patiently().until(() -> isEnough.getAsBoolean() || isAtRest(runs));
            runs.requestStop("people", "enough");
            engine.stop("people", "enough");
            patiently().until(() -> isAtRest(runs) && engine.isIdle());
        }
    }

    private static boolean isAtRest(RunStore runs) {
        return runs.find("people").orElseThrow().state().isAtRest();
    }

    private static ConditionFactory patiently() {
        return Awaitility.await().atMost(Duration.ofMinutes(4)).pollInterval(Duration.ofMillis(5));
    }

    private Counts complete(RunContext context, Plan plan) {
        execute(context, plan, () -> false);
        Run run = context.repository().runs().find("people").orElseThrow();
        assertThat(run.state()).describedAs(run.reason()).isEqualTo(RunState.COMPLETED);
        return RunProgress.of(run, context.repository().stores().ranges().list("people")).counts();
    }

    private Counts run(Plan plan) {
        try (RunContext context = repository()) {
            create(context, plan);
            return complete(context, plan);
        }
    }

    /** {@code count} of every document is 1 if it is selected and 0 if it is not, and nothing else has changed. */
    private long requireIncremented(Predicate<ConvexObject> selected) {
        List<String> wrong = new ArrayList<>();
        long[] incremented = new long[1];
        deployment.forEach("users", user -> {
            ConvexObject old = Objects.requireNonNull(before.get(user.string("_id")));
            double expected = selected.test(old) ? 1 : 0;
            incremented[0] += (long) expected;
            if (!user.equals(old.with("count", ConvexValue.number(expected)))) {
                wrong.add(old + " became " + user);
            }
        });
        assertThat(wrong).isEmpty();
        return incremented[0];
    }

    @Test
    void byTimeOfCreation() {
        double last = before.values().stream().mapToDouble(user -> user.number("_creationTime")).max().orElseThrow();
        long later = (long) Math.ceil(last) + 1;
        Awaitility.await().until(() -> System.currentTimeMillis() >= later);
        deployment.load("users",
                IntStream.range(0, 700).mapToObj(n -> ConvexObject.of("count", ConvexValue.number(0))));
        deployment.forEach("users", user -> before.put(user.string("_id"), user));

        Counts counts = run(increments("{ createdFrom: '%s', createdBefore: '%s' }".formatted(
                Instant.ofEpochMilli(later), Instant.ofEpochMilli(later).plus(Duration.ofHours(1)))));

        assertThat(requireIncremented(user -> user.number("_creationTime") >= later)).isEqualTo(700);
        assertThat(counts).isEqualTo(new Counts(700, 700, 0, 0, 0, 0));
    }

    @Test
    void byAnIndexAndAFilter() {
        Counts counts = run(increments("{ index: by_city, equals: { city: Paris }, range: { field: age, from: 20,"
                + " before: 60 }, filter: 'doc.n < 2000.0' }"));

        long selected = requireIncremented(user -> user.string("city").equals("Paris") && user.number("age") >= 20
                && user.number("age") < 60 && user.number("n") < 2000);
        assertThat(counts.changed()).isEqualTo(selected);
        // found, but not what the filter wants
        assertThat(counts.unchanged()).isEqualTo(before.values().stream().filter(user -> user.string("city").equals(
                "Paris") && user.number("age") >= 20 && user.number("age") < 60 && user.number("n") >= 2000).count());
    }

    @Test
    void byAFilterAlone() {
        Counts counts = run(increments("{ filter: 'doc.age > 90.0 || doc.n < 5.0' }"));

        long selected = requireIncremented(user -> user.number("age") > 90 || user.number("n") < 5);
        assertThat(counts).isEqualTo(new Counts(DOCUMENTS, selected, DOCUMENTS - selected, 0, 0, 0));
    }

    @Test
    void aDocumentOfWhichTheFilterIsNeitherTrueNorFalseGoesIntoQuarantine() {
        Counts counts = run(increments("{ filter: 'doc.n < 3.0 ? doc.none : doc.n > 2990.0' }"));

        assertThat(counts.quarantined()).isEqualTo(3);
        assertThat(counts.changed()).isEqualTo(requireIncremented(user -> user.number("n") > 2990));
    }

    @Test
    void aRunMayWriteTheFieldsThatItSelectsBy() {
        Counts counts = run(plan("""
                where: { index: by_status, equals: { status: old } }
                transform:
                  - increment: { field: count }
                  - set: { field: status, value: new }
                """));

        assertThat(counts.changed()).isEqualTo(DOCUMENTS / 2);
        deployment.forEach("users", user -> {
            assertThat(user.string("status")).isEqualTo("new");
            assertThat(user.number("count")).isEqualTo(user.number("n") % 2 == 0 ? 1 : 0);
        });
    }

    @Test
    void whileTheAppMovesDocumentsInTheIndexAndTheRunIsBegunAgainAndAgain() throws InterruptedException {
        Plan plan = increments("{ index: by_city, equals: { city: Paris }, range: { field: age, from: 0 } }\n"
                + "throttle: { documentsPerSecond: 1500, concurrency: 4 }");
        List<String> paris = before.values().stream().filter(user -> user.string("city").equals("Paris"))
                .map(user -> user.string("_id")).toList();
        CountDownLatch ended = new CountDownLatch(1);
        Map<String, Integer> moves = new HashMap<>();
        Counts counts;
        try (RunContext context = repository()) {
            create(context, plan);
            Thread app = Thread.ofVirtual().start(() -> moveAbout(paris, moves, ended));
            RunRepository stores = context.repository();
            execute(context, plan, () -> stores.selections().progress("people").version() > 0);
            for (int part = 1; part <= 3; part++) {
                long enough = (long) paris.size() * part / 4;
                execute(context, plan, () -> stores.stores().ranges().list("people").stream()
                        .mapToLong(row -> row.counts().read()).sum() > enough);
            }
            counts = complete(context, plan);
            ended.countDown();
            app.join();
        }

        assertThat(moves.size()).isPositive();
        List<String> wrong = new ArrayList<>();
        deployment.forEach("users", user -> {
            boolean isParis = user.string("city").equals("Paris");
            String id = user.string("_id");
            ConvexValue moved = ConvexValue.number(moves.getOrDefault(id, 0));
            if (user.number("count") != (isParis ? 1 : 0) || (isParis && moves.containsKey(id)
                    && !moved.equals(user.get("moves")))) {
                wrong.add(user.toString());
            }
        });
        assertThat(wrong).isEmpty();
        assertThat(counts.changed()).isEqualTo(paris.size());
        assertThat(counts.quarantined()).isZero();
    }

    /** What an app does: gives documents other ages, and counts how often it has. */
    private void moveAbout(List<String> ids, Map<String, Integer> moves, CountDownLatch ended) {
        Random random = new Random(8);
        while (!hasEnded(ended)) {
            String id = ids.get(random.nextInt(ids.size()));
            int next = moves.getOrDefault(id, 0) + 1;
            try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                    new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
                StoredDocument user = Objects.requireNonNull(transaction.get(id));
                double age = user.value().number("age");
                transaction.patch(id, Map.of("age", ConvexValue.number((age + 37) % 100), "moves",
                        ConvexValue.number(next)));
                transaction.commit();
                moves.put(id, next);
            } catch (ConflictException _) {
                // the run was faster
            }
        }
    }

    private static boolean hasEnded(CountDownLatch ended) {
        try {
            return ended.await(500, TimeUnit.MICROSECONDS);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Test
    void aDocumentThatTheAppTakesOutOfTheSelectionIsLeftAlone() {
        Plan plan = increments("{ index: by_city, equals: { city: Paris } }\nthrottle: { documentsPerSecond: 1000 }");
        List<String> left = new ArrayList<>();
        try (RunContext context = repository()) {
            create(context, plan);
            RunRepository stores = context.repository();
            execute(context, plan, () -> stores.selections().progress("people").isComplete());
            deployment.forEach("users", user -> {
                if (user.string("city").equals("Paris") && user.number("count") == 0 && left.size() < 100) {
                    left.add(user.string("_id"));
                }
            });
            for (String id : left) {
                try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                        new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
                    transaction.patch(id, Map.of("city", ConvexValue.of("Nice")));
                    transaction.commit();
                }
            }
            assertThat(complete(context, plan).unchanged()).isEqualTo(left.size());
        }
        deployment.forEach("users", user -> assertThat(user.number("count"))
                .isEqualTo(user.string("city").equals("Paris") ? 1 : 0));
        assertThat(left).hasSize(100);
    }

    @Test
    void anIndexThatCannotBeReadIsRefusedBeforeAnythingIsChanged() {
        try (ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build()) {
            DeploymentCheck check = new DeploymentCheck(client);

            assertThatThrownBy(() -> check.check(increments("{ index: by_town, equals: { town: Nice } }")))
                    .isInstanceOf(RefusedException.class)
                    .hasMessage("The table 'users' has no index 'by_town'. It has by_city, by_name, by_status. Correct"
                            + " 'where.index' in the plan, or add the index to the schema of the app and deploy it.");
            assertThatThrownBy(() -> check.check(increments("{ index: by_name, equals: { name: Ada } }")))
                    .hasMessage("The index 'by_name' of the table 'users' is staged, and can't be used yet. Deploy it"
                            + " without 'staged'.");
            assertThatThrownBy(() -> check.check(increments("{ index: by_city, range: { field: age, from: 5 } }")))
                    .hasMessage("The index 'by_city' of the table 'users' has the fields city, age. 'where.equals' must"
                            + " name the first of them, in this order, and 'where.range' the next; the plan names age.");
            assertThatThrownBy(() -> check.check(
                    increments("{ index: by_status, equals: { status: old }, range: { field: n, from: 5 } }")))
                    .hasMessageContaining("has the fields status.").hasMessageEndingWith("the plan names status, n.");
        }
        assertThat(deployment.hasTable("backfillLedger")).isFalse();
    }
}
