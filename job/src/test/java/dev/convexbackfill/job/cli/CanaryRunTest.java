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

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.job.canary.Canary;
import dev.convexbackfill.job.canary.CanaryPhase;
import dev.convexbackfill.job.canary.CanarySlice;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunApproval;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.testsupport.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs that begin with a slice of their documents, every document looked at: beyond the slice nothing changes before it may. */
class CanaryRunTest {

    private static final int DOCUMENTS = 400;
    private static final int RANGES = 6;
    private static final String SPLIT = """
            transform:
              - split: { from: name, into: [first, last], at: ' ' }
            ensure:
              - present: [first]
            """;

    @TempDir
    private Path folder;

    private LocalDeployment deployment;
    private TestDatabase database;
    private Map<String, ConvexObject> original;
    private String printed = "";

    @BeforeEach
    void serve() throws IOException {
        deployment = LocalDeployment.builder().start();
        deployment.load("people", IntStream.range(0, DOCUMENTS).mapToObj(n -> ConvexObject.builder()
                .put("name", "First%d Last%d".formatted(n, n)).put("old", n % 4 == 0).build()));
        deployment.load("people_v2", Stream.of(ConvexObject.of("first", ConvexValue.of("of nobody"))));
        Files.writeString(folder.resolve("key"), deployment.adminKey().value());
        original = documents("people");
        database = TestDatabase.Kind.H2.create(folder);
    }

    @AfterEach
    void close() {
        deployment.close();
    }

    /** Returns the exit code. */
    private int command(String... args) {
        String url = database.url().startsWith("jdbc:h2") ? database.url()
                : "%s?user=%s&password=%s".formatted(database.url(), database.username(), database.password());
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream captured = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(captured);
            System.setErr(captured);
            boolean needsKey = !List.of("status", "list").contains(args[0]);
            return BackfillCommand.execute(Stream.of(Stream.of(args),
                    needsKey ? Stream.of("--url", deployment.url().toString(), "--admin-key-file",
                            folder.resolve("key").toString()) : Stream.<String>of(),
                    Stream.of("--repository", url)).flatMap(part -> part).toArray(String[]::new));
        } finally {
            System.setOut(out);
            System.setErr(err);
            printed = bytes.toString(StandardCharsets.UTF_8);
        }
    }

    private JsonNode json() {
        return JsonMapper.shared()
                .readTree(printed.lines().filter(line -> line.startsWith("{")).toList().getLast());
    }

    private String plan(String rest) throws IOException {
        return Files.writeString(folder.resolve("plan.yaml"), """
                apiVersion: backfill/v1
                name: people
                table: people
                ranges: %d
                chunk: { documents: 5 }
                """.formatted(RANGES) + rest).toString();
    }

    private Map<String, ConvexObject> documents(String table) {
        Map<String, ConvexObject> documents = new HashMap<>();
        deployment.forEach(table, document -> documents.put(document.string("_id"), document));
        return documents;
    }

    private <T> T inRepository(Function<RunRepository, T> question) {
        try (HikariDataSource dataSource = RepositoryDataSource.forOneQuestion(
                new RepositoryLocation(database.url(), database.username(), database.password()))) {
            return question.apply(RunRepository.over(dataSource));
        }
    }

    private Run run() {
        return inRepository(repository -> repository.runs().find("people").orElseThrow());
    }

    private Canary canary() {
        return inRepository(repository -> repository.canaries().find("people").orElseThrow());
    }

    private List<String> changed() {
        return documents("people").values().stream().filter(document -> !document.equals(
                original.get(document.string("_id")))).map(document -> document.string("_id")).sorted().toList();
    }

    /** The first of each range, as many as its share. */
    private List<String> slice(int documents) {
        List<RangeRow> rows = inRepository(repository -> repository.stores().ranges().list("people"));
        CanarySlice slice = new CanarySlice(documents, null, false);
        return rows.stream().flatMap(row -> original.keySet().stream().sorted()
                .filter(id -> (row.range().after() == null || id.compareTo(row.range().after()) > 0)
                        && (row.range().through() == null || id.compareTo(row.range().through()) <= 0))
                .limit(slice.share(row.range().number(), rows.size()))).sorted().toList();
    }

    @ParameterizedTest
    @EnumSource
    void aSliceIsChangedAndVerifiedAndTheOthersOnlyAfterApproval(TestDatabase.Kind kind) throws IOException {
        database = kind.create(folder);
        assertThat(command("run", plan(SPLIT), "--canary", "45")).describedAs(printed).isEqualTo(5);

        assertThat(changed()).hasSize(45).isEqualTo(slice(45));
        assertThat(printed).contains("waits for approval. It has migrated a slice of 45 documents",
                "Verified by 'people-verify-1': nothing is wrong.", "45  documents looked at",
                "./backfill approve people", "./backfill rollback people");
        assertThat(run().state()).isEqualTo(RunState.WAITING);
        assertThat(command("status", "people")).isZero();
        assertThat(printed).contains("Run 'people': WAITING", "it waits for approval",
                "go on with: ./backfill approve people");
        assertThat(command("status", "people", "--watch")).isEqualTo(5);
        assertThat(command("resume", "people")).isEqualTo(2);
        assertThat(printed).contains("Run 'people' waits for approval", "./backfill approve people");
        assertThat(command("list")).isZero();
        assertThat(printed).contains("WAITING");
        assertThat(changed()).hasSize(45);

        assertThat(command("approve", "people", "--verify", "--json")).describedAs(printed).isZero();
        assertThat(changed()).hasSize(DOCUMENTS);
        assertThat(run().state()).isEqualTo(RunState.COMPLETED);
        assertThat(command("status", "people")).isZero();
        assertThat(printed).contains("approved by " + System.getProperty("user.name") + " at ");
        assertThat(command("approve", "people")).isEqualTo(2);
        assertThat(printed).contains("Run 'people' was approved by", "It is completed.");
        assertThat(command("purge", "people", "--yes")).describedAs(printed).isZero();
    }

    @Test
    void aPartGoesOnByItselfIfNothingIsWrong() throws IOException {
        assertThat(command("run", plan(SPLIT), "--canary", "10%", "--auto-approve", "--json")).describedAs(printed)
                .isZero();

        assertThat(changed()).hasSize(DOCUMENTS);
        assertThat(json().get("canary").toString()).contains("\"asked\":\"10%\",\"phase\":\"APPROVED\"",
                "\"documents\":40,\"ofDocuments\":400,\"isEstimate\":false", "\"approvedBy\":\"--auto-approve\"");
        long lookedAt = inRepository(repository -> repository.stores().ranges().list("people-verify-1").stream()
                .mapToLong(row -> row.counts().read()).sum());
        assertThat(lookedAt).isEqualTo(40);
    }

    @Test
    void whatIsWrongKeepsTheRunFromGoingOnUnlessSomebodyInsists() throws IOException {
        String plan = plan(SPLIT.replace("[first]", "[first, missing]"));
        assertThat(command("run", plan, "--canary", "12", "--auto-approve", "--json")).isEqualTo(5);
        assertThat(json().get("state").asString()).isEqualTo("WAITING");
        assertThat(json().get("canary").get("mismatches").asInt()).isEqualTo(12);
        assertThat(printed).contains("12 things are wrong", "./backfill approve people --in-spite-of-mismatches");

        assertThat(command("approve", "people")).isEqualTo(2);
        assertThat(printed).contains("found that 12 things are wrong", "./backfill verify people-verify-1");
        assertThat(changed()).hasSize(12);

        assertThat(command("approve", "people", "--in-spite-of-mismatches")).describedAs(printed).isZero();
        assertThat(changed()).hasSize(DOCUMENTS);
    }

    @Test
    void aCanaryCanBeUndoneAndThenTheRunDoesNotGoOn() throws IOException {
        assertThat(command("run", plan(SPLIT), "--canary", "50")).isEqualTo(5);
        assertThat(changed()).hasSize(50);

        assertThat(command("rollback", "people", "--json")).describedAs(printed).isZero();
        assertThat(json().get("changed").asInt()).isEqualTo(50);
        assertThat(changed()).isEmpty();

        for (String command : List.of("approve", "resume")) {
            assertThat(command(command, "people")).isEqualTo(2);
            assertThat(printed).contains("Run 'people' is undone by 'people-rollback-1'");
        }
        assertThat(command("status", "people")).isZero();
        assertThat(printed).contains("undone by: people-rollback-1").doesNotContain("go on with");
        assertThat(changed()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            insertInto | write: { insertInto: people_v2 }          | 30  | 30
            filter     | where: { filter: doc.old }                | 200 | 60
            index      | where: { createdFrom: 2020-01-01 }        | 10% | 40
            """)
    void everyKindOfPlanHasACanary(String kind, String line, String size, int atMost) throws IOException {
        assertThat(command("run", plan(line + "\n" + SPLIT), "--canary", size, "--json")).describedAs(printed)
                .isEqualTo(5);

        assertThat(json().get("canary").get("mismatches").asInt()).isZero();
        int copies = documents("people_v2").size() - 1;
        switch (kind) {
            case "insertInto" -> {
                assertThat(copies).isEqualTo(30);
                assertThat(changed()).isEmpty();
            }
            case "filter" -> assertThat(changed()).hasSizeBetween(30, 70);
            default -> assertThat(changed()).hasSize(atMost).isEqualTo(slice(atMost));
        }
        assertThat(command("approve", "people", "--verify")).describedAs(printed).isZero();
        assertThat(kind.equals("insertInto") ? documents("people_v2").size() - 1 : changed().size())
                .isEqualTo(kind.equals("filter") ? DOCUMENTS / 4 : DOCUMENTS);
    }

    @Test
    void ofDocumentsThatAreToBeDeletedASliceIsAndComesBack() throws IOException {
        assertThat(command("run", plan("write: delete\nconfirm: delete\n"), "--canary", "30")).describedAs(printed)
                .isEqualTo(5);
        assertThat(documents("people")).hasSize(DOCUMENTS - 30);
        assertThat(canary().mismatches()).isZero();

        assertThat(command("rollback", "people")).isZero();
        assertThat(documents("people")).hasSize(DOCUMENTS);
    }

    @Test
    void aCanaryThatIsLargerThanItsTableIsTheTable() throws IOException {
        assertThat(command("run", plan(SPLIT), "--canary", "5000")).isEqualTo(5);
        assertThat(changed()).hasSize(DOCUMENTS);
        assertThat(command("approve", "people")).isZero();
        assertThat(run().state()).isEqualTo(RunState.COMPLETED);
    }

    @Test
    void whateverPartIsInterruptedGoesOnWithoutTouchingMore() throws IOException {
        assertThat(command("run", plan(SPLIT), "--canary", "60")).isEqualTo(5);
        List<String> slice = changed();

        // as a process leaves it that dies before the verification has ended, and before there is one
        sql("update backfill_canary set phase = 'MIGRATED', mismatches = null");
        sql("update backfill_run set state = 'RUNNING'");
        assertThat(command("resume", "people-verify-1")).isEqualTo(2);
        assertThat(printed).contains("verifies the canary of 'people'", "./backfill resume people");
        assertThat(command("approve", "people")).isEqualTo(2);
        assertThat(printed).contains("The canary of run 'people' is not verified");
        assertThat(command("resume", "people")).describedAs(printed).isEqualTo(5);
        sql("update backfill_canary set phase = 'MIGRATED', mismatches = null, verification = null");
        sql("update backfill_run set state = 'RUNNING' where name = 'people'");
        assertThat(command("resume", "people")).describedAs(printed).isEqualTo(5);
        assertThat(canary().verification()).isEqualTo("people-verify-2");

        // and before it could say that the slice is done
        sql("update backfill_canary set phase = 'MIGRATING', mismatches = null, verification = null");
        sql("update backfill_run set state = 'RUNNING' where name = 'people'");
        assertThat(command("resume", "people")).describedAs(printed).isEqualTo(5);
        assertThat(changed()).isEqualTo(slice);

        // whatever the run's row says, the canary's decides
        sql("update backfill_run set state = 'STOPPED' where name = 'people'");
        assertThat(command("resume", "people")).describedAs(printed).isEqualTo(5);
        assertThat(changed()).isEqualTo(slice);
        assertThat(canary().phase()).isEqualTo(CanaryPhase.WAITING);

        // between the approval and the rest
        inRepository(repository -> {
            new RunApproval(repository).approve(repository.runs().find("people").orElseThrow(), "somebody", false);
            return true;
        });
        assertThat(command("approve", "people")).isEqualTo(2);
        assertThat(printed).contains("was approved by somebody", "go on with: ./backfill resume people");
        assertThat(changed()).isEqualTo(slice);
        assertThat(command("resume", "people")).describedAs(printed).isZero();
        assertThat(changed()).hasSize(DOCUMENTS);
    }

    private void sql(String statement) {
        inRepository(repository -> repository.transactions()
                .execute(_ -> repository.jdbc().sql(statement).update()));
    }

    @ParameterizedTest
    @EnumSource
    void ofTwoWhoApproveAtOnceOneDoes(TestDatabase.Kind kind) throws Exception {
        database = kind.create(folder);
        assertThat(command("run", plan(SPLIT), "--canary", "6")).isEqualTo(5);

        int approved = inRepository(repository -> {
            Run run = repository.runs().find("people").orElseThrow();
            try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
                List<Future<Integer>> all = IntStream.range(0, 4).mapToObj(number -> threads.submit(() -> {
                    try {
                        new RunApproval(repository).approve(run, "user" + number, false);
                        return 1;
                    } catch (RefusedException _) {
                        return 0;
                    }
                })).toList();
                return all.stream().mapToInt(future -> {
                    try {
                        return future.get();
                    } catch (Exception failed) {
                        throw new IllegalStateException(failed);
                    }
                }).sum();
            }
        });

        assertThat(approved).isOne();
    }

    @Test
    void aDeploymentThatBecomesSlowStopsTheRunAndItCanGoOn() throws IOException {
        String plan = plan("stopWhen: { latency: 1ms }\n" + SPLIT);
        assertThat(command("run", plan, "--canary", "1%")).describedAs("too few calls to say").isEqualTo(5);
        assertThat(command("approve", "people")).describedAs(printed).isEqualTo(4);
        assertThat(printed).contains("calls that write, 5% took", "and the plan stops above 1 ms",
                "raise 'stopWhen.latency'", "./backfill resume people");

        Files.writeString(Path.of(plan), Files.readString(Path.of(plan)).replace("1ms", "60s"));
        assertThat(command("resume", "people")).describedAs(printed).isZero();
        assertThat(changed()).hasSize(DOCUMENTS);
    }

    @Test
    void anAppThatIsFasterThanTheRunStopsIt() throws Exception {
        String plan = plan(
                "stopWhen: { conflicts: 2 }\nthrottle: { documentsPerSecond: 100, concurrency: 1 }\n" + SPLIT);
        StopSignal done = StopSignal.never();
        Thread app = Thread.ofPlatform().start(() -> {
            List<String> ids = List.copyOf(original.keySet());
            for (int i = 0; !done.await(Duration.ofMillis(1)); i++) {
                rename(ids.get(i % ids.size()), "First Last" + i);
            }
        });
        try {
            assertThat(command("run", plan)).describedAs(printed).isEqualTo(4);
        } finally {
            done.give("the run has stopped");
            app.join();
        }
        assertThat(printed)
                .containsPattern("The app was faster \\d+ times at the last \\d+ documents, last in range \\d of"
                        + " 'people', and the plan stops above 2")
                .contains("./backfill resume people");

        Files.writeString(Path.of(plan), Files.readString(Path.of(plan)).replace("documentsPerSecond: 100, ", ""));
        assertThat(command("resume", "people")).describedAs("it begins to count anew").isZero();
    }

    private void rename(String id, String name) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            transaction.patch(id, Map.of("name", ConvexValue.of(name)));
            transaction.commit();
        } catch (ConflictException _) {
            // the run was faster
        }
    }

    @Test
    void whatMakesNoSenseIsRefusedWithTheReason() throws IOException {
        String plan = plan(SPLIT);
        assertThat(command("run", plan, "--auto-approve")).isEqualTo(2);
        assertThat(printed).contains("--auto-approve is only for --canary");
        for (String size : List.of("0", "100%", "0%", "-1", "some")) {
            assertThat(command("run", plan, "--canary=" + size)).isEqualTo(2);
            assertThat(printed).contains("--canary takes a number of documents", "not '%s'".formatted(size));
        }
        assertThat(command("run", plan(SPLIT.substring(0, SPLIT.indexOf("ensure")) + "ensure: [{ schema: true }]\n"),
                "--canary", "1")).isEqualTo(2);
        assertThat(printed).contains("--canary verifies what it has changed.", "'schema: true'");
        assertThat(command("run", plan("source: { query: 'people:some' }\n" + SPLIT), "--canary", "1")).isEqualTo(2);
        assertThat(printed).contains("--canary verifies what it has changed. The plan finds documents by a query");
        assertThat(command("run", plan(SPLIT))).isZero();
        assertThat(command("approve", "people")).isEqualTo(2);
        assertThat(printed).contains("Run 'people' has no canary");
        assertThat(command("approve", "nobody")).isEqualTo(2);
    }
}
