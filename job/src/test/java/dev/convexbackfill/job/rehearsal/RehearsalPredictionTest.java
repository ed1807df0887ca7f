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

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.InvalidPlanException;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.DeploymentCheck.Checked;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunEngine;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.partitioner.dispatch.TaskScope;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import dev.convexbackfill.testsupport.RandomMigrations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random documents, random plans, some of them in tables with a schema: what a rehearsal says of each document is what a run
 * then does with it. Set BACKFILL_TEST_SEED to repeat what another run has tried, and BACKFILL_TEST_TIMES to try more.
 */
class RehearsalPredictionTest {

    private static final int PLANS = 24;
    private static final int DOCUMENTS = 250;
    private static final long SEED = longOf("BACKFILL_TEST_SEED", System.nanoTime());

    @TempDir
    private Path folder;

    private final RandomMigrations random = new RandomMigrations(SEED);

    private static long longOf(String variable, long otherwise) {
        String text = System.getenv(variable);
        return text == null ? otherwise : Long.parseLong(text);
    }

    private static Validator.ObjectOf loose() {
        Validator any = Validator.ANY;
        return Validator.object().optional("b", any).optional("c", any).optional("d", any).optional("name", any)
                .optional("p", any).optional("q", any).optional("a", any).optional("e", any).optional("x1", any);
    }

    /** Tables by number: without a schema, with one that wants types, and with one that knows few fields. */
    private static Validator validator(int table) {
        return switch (table % 3) {
            case 0 -> Validator.ANY;
            case 1 -> loose().optional("a", Validator.union(Validator.NUMBER, Validator.STRING, Validator.NULL))
                    .optional("p", Validator.union(Validator.NULL, Validator.NUMBER, Validator.object()
                            .optional("x", Validator.ANY).optional("t", Validator.STRING)))
                    .optional("y1", Validator.array(Validator.NUMBER));
            default -> loose();
        };
    }

    private static DocumentSchema schema(int tables) {
        Map<String, Validator> validators = new HashMap<>();
        for (int table = 0; table < tables; table++) {
            validators.put("t" + table, validator(table));
        }
        return new DocumentSchema(validators);
    }

    private Plan plan(int number) {
        List<String> kinds = List.copyOf(random.kinds());
        while (true) {
            String steps = Stream.concat(Stream.of(random.step(kinds.get(number % kinds.size()))),
                    Stream.generate(random::step).limit(random.number(4)))
                    .map(step -> "  - " + step + "\n").collect(Collectors.joining());
            try {
                return PlanParser.parse("plan " + number, """
                        apiVersion: backfill/v1
                        name: r%d
                        table: t%d
                        ranges: %d
                        chunk: { documents: %d }
                        quarantine: { stopAbove: 1000000 }
                        transform:
                        %s""".formatted(number, number, 1 + random.number(5), 1 + random.number(60), steps));
            } catch (InvalidPlanException invalid) {
                // such as a step that has one field twice
            }
        }
    }

    @Test
    void isWhatARunThenDoes() throws Exception {
        int plans = PLANS * (int) longOf("BACKFILL_TEST_TIMES", 1);
        try (LocalDeployment deployment = LocalDeployment.builder().schema(schema(plans)).start();
                ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();
                RunContext context = RunContext.open(RepositoryLocation.inFolder(folder), BackfillSettings.DEFAULT);
                RunEngine engine = context.engine(deployment.adminKey(), new TaskScope.AllRuns(), 8, () -> {})) {
            engine.start();
            Map<String, Long> seen = new HashMap<>();
            for (int number = 0; number < plans; number++) {
                Plan plan = plan(number);
                deployment.load(plan.table(), Stream.generate(random::document).limit(DOCUMENTS)
                        .map(json -> (ConvexObject) ConvexJson.decode(json)));
                String told = "BACKFILL_TEST_SEED=%d, plan %d:\n%s".formatted(SEED, number, plan.text());
                compare(told, plan, deployment, client, context, engine).forEach(
                        (kind, documents) -> seen.merge(kind, documents, Long::sum));
            }
            // or else the property says little
            assertThat(seen).describedAs("BACKFILL_TEST_SEED=%d", SEED).containsOnlyKeys("Unchanged", "Changed",
                    "TRANSFORM", "REJECTED");
        }
    }

    @Test
    void aRunFailsWhereTheRehearsalSaysSo() throws Exception {
        try (LocalDeployment deployment = LocalDeployment.builder().start();
                ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();
                RunContext context = RunContext.open(RepositoryLocation.inFolder(folder), BackfillSettings.DEFAULT);
                RunEngine engine = context.engine(deployment.adminKey(), new TaskScope.AllRuns(), 8, () -> {})) {
            engine.start();
            Plan plan = PlanParser.parse("plan", """
                    apiVersion: backfill/v1
                    name: fails
                    table: t0
                    ranges: 1
                    transform:
                      - increment: { field: a, onError: fail }
                    """);
            deployment.load("t0", Stream.of("{\"a\":1}", "{\"a\":\"x\"}", "{}", "{\"a\":null}")
                    .map(json -> (ConvexObject) ConvexJson.decode(json)));
            Map<String, RehearsedDocument> rehearsed = new ConcurrentHashMap<>();
            RehearsalReport report = rehearse(plan, client, rehearsed);
            assertThat(report.findings().counts().changed()).isEqualTo(2);
            assertThat(report.findings().failing()).hasSize(2);

            Run run = run(plan, client, context, engine);

            assertThat(run.state()).isEqualTo(RunState.FAILED);
            assertThat(report.findings().failing()).anySatisfy(
                    failing -> assertThat(run.reason()).contains("'" + failing.id() + "'", failing.message()));
        }
    }

    @Test
    void aSampleTellsHowLargeTheJournalBecomes() throws Exception {
        try (LocalDeployment deployment = LocalDeployment.builder().start();
                ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();
                RunContext context = RunContext.open(RepositoryLocation.inFolder(folder), BackfillSettings.DEFAULT);
                RunEngine engine = context.engine(deployment.adminKey(), new TaskScope.AllRuns(), 8, () -> {})) {
            engine.start();
            deployment.load("t0", Stream.generate(random::document).limit(4000).map(
                    json -> ((ConvexObject) ConvexJson.decode(json)).with("name", ConvexValue.of("Ada Lovelace"))));
            for (String write : List.of("patch", "replace")) {
                Plan plan = PlanParser.parse("plan", """
                        apiVersion: backfill/v1
                        name: journal-%s
                        table: t0
                        ranges: 8
                        write: %s
                        transform:
                          - set: { field: %s, value: some text }
                          - split: { from: name, into: [first, last], at: ' ' }
                        """.formatted(write, write, write));
                long predicted;
                try (TransformChain chain = TransformChain.of(plan, spec -> {
                    throw new IllegalStateException("There is no code for " + spec);
                });
                        Rehearsal sample = new Rehearsal(plan, chain, client, new DeploymentCheck(client).check(plan),
                                BackfillSettings.DEFAULT, new Scope.Sample(300), SEED)) {
                    sample.read();
                    predicted = sample.report().estimate().journalBytes();
                }
                assertThat(run(plan, client, context, engine).state()).isEqualTo(RunState.COMPLETED);

                long journal = context.repository().transactions()
                        .execute(_ -> context.repository().stores().journal().size(plan.name()).bytes());
                assertThat(predicted).describedAs("BACKFILL_TEST_SEED=%d", SEED)
                        .isCloseTo(journal, Percentage.withPercentage(30));
            }
        }
    }

    private static RehearsalReport rehearse(Plan plan, ConvexClient client, Map<String, RehearsedDocument> rehearsed)
            throws Exception {
        try (TransformChain chain = TransformChain.of(plan.steps());
                Rehearsal rehearsal = new Rehearsal(plan, chain, client, new DeploymentCheck(client).check(plan),
                        BackfillSettings.DEFAULT, new Scope.All(), SEED,
                        document -> rehearsed.put(document.id(), document))) {
            rehearsal.read();
            return rehearsal.report();
        }
    }

    private static Run run(Plan plan, ConvexClient client, RunContext context, RunEngine engine) {
        Checked checked = new DeploymentCheck(client).check(plan);
        context.repository().runs().create(plan.name(), UUID.randomUUID().toString(), client.url().toString(), plan,
                null, Range.cut(checked.tableNumber(), plan.ranges()));
        engine.submit(plan.name());
        Awaitility.await().pollInterval(Duration.ofMillis(20)).atMost(Duration.ofMinutes(5)).until(() -> context
                .repository().runs().find(plan.name()).map(Run::state).filter(RunState::isAtRest).isPresent());
        return context.repository().runs().find(plan.name()).orElseThrow();
    }

    /** Returns how many documents ended how. */
    private Map<String, Long> compare(String told, Plan plan, LocalDeployment deployment, ConvexClient client,
            RunContext context, RunEngine engine) throws Exception {
        Map<String, RehearsedDocument> rehearsed = new ConcurrentHashMap<>();
        long before = deployment.store().timestamp();
        RehearsalReport report = rehearse(plan, client, rehearsed);
        assertThat(deployment.store().timestamp()).describedAs(told).isEqualTo(before);

        assertThat(run(plan, client, context, engine).state()).describedAs(told).isEqualTo(RunState.COMPLETED);

        long journal = context.repository().transactions()
                .execute(_ -> context.repository().stores().journal().size(plan.name()).bytes());
        assertThat(report.estimate().journalBytes()).describedAs(told)
                .isBetween(Math.round(journal / 1.5) - 300, Math.round(journal * 1.5) + 300);

        Map<String, ConvexObject> found = new HashMap<>();
        deployment.forEach(plan.table(), document -> found.put(document.string("_id"), document));
        Map<String, ConvexObject> predicted = rehearsed.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().after()));
        assertThat(found).describedAs(told).isEqualTo(predicted);

        Map<String, String> quarantine = context.repository().stores().quarantine().list(plan.name(), DOCUMENTS)
                .stream().collect(Collectors.toMap(QuarantinedDocument::id, one -> one.reason().name()));
        Map<String, String> kinds = rehearsed.entrySet().stream().collect(
                Collectors.toMap(Map.Entry::getKey, entry -> kind(entry.getValue())));
        assertThat(quarantine).describedAs(told).isEqualTo(kinds.entrySet().stream()
                .filter(entry -> !entry.getValue().endsWith("hanged"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));

        List<RangeRow> rows = context.repository().stores().ranges().list(plan.name());
        Counts counts = rows.stream().map(RangeRow::counts).reduce(Counts.NONE, Counts::plus);
        assertThat(counts).describedAs(told).isEqualTo(new Counts(DOCUMENTS, report.findings().counts().changed(),
                report.findings().counts().unchanged(), 0, report.findings().counts().quarantined(), 0));
        assertThat(report.estimate().chunks() + report.estimate().settlements()).describedAs(told)
                .isEqualTo(applied(client, plan));
        return kinds.values().stream().collect(groupingBy(kind -> kind, counting()));
    }

    /** How many chunks the deployment has taken. */
    private static long applied(ConvexClient client, Plan plan) {
        return new Ledger(client, CallOptions.DEFAULT, plan.functions()).read(plan.name()).orElseThrow().entries()
                .stream()
                .mapToLong(entry -> requireNonNull(entry).sequence()).sum();
    }

    private static String kind(RehearsedDocument document) {
        return switch (document.forecast()) {
            case Forecast.Quarantined(var reason, String _) -> reason.name();
            case Forecast forecast -> forecast.getClass().getSimpleName();
        };
    }
}
