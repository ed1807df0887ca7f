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
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.run.RunEngine;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.job.run.RunStore;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.partitioner.dispatch.TaskScope;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.verification.VerificationStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifying rollbacks: what is not undone is found, and what the app has written since is only listed. */
class RollbackVerificationTest {

    private static final int DOCUMENTS = 200;
    private static final String SPLIT = """
            transform:
              - split: { from: name, into: [first, last], at: whitespace }
              - drop: name
            """;

    @TempDir
    private Path folder;

    private LocalDeployment deployment;
    private List<String> ids;

    @BeforeEach
    void serve() throws IOException {
        deployment = LocalDeployment.builder().start();
        deployment.load("people", IntStream.range(0, DOCUMENTS).mapToObj(n -> ConvexObject.builder()
                .put("name", "First%d Last%d".formatted(n, n)).put("likes", 0).build()));
        deployment.load("people_v2", Stream.of(ConvexObject.of("first", ConvexValue.of("of nobody"))));
        Files.writeString(folder.resolve("key"), deployment.adminKey().value());
        ids = ids("people");
    }

    @AfterEach
    void close() {
        deployment.close();
    }

    private List<String> ids(String table) {
        TreeSet<String> found = new TreeSet<>();
        deployment.forEach(table, document -> found.add(document.string("_id")));
        return List.copyOf(found);
    }

    private int command(String... args) {
        return BackfillCommand.execute(Stream.concat(Stream.of(args), Stream.of("--url", deployment.url().toString(),
                "--admin-key-file", folder.resolve("key").toString(), "--repository",
                "jdbc:h2:file:" + folder.resolve("repository"))).toArray(String[]::new));
    }

    private void run(String name, String rest) throws IOException {
        assertThat(command("run", Files.writeString(folder.resolve(name + ".yaml"), """
                apiVersion: backfill/v1
                name: %s
                table: people
                ranges: 4
                chunk: { documents: 20 }
                """.formatted(name) + rest).toString())).isZero();
    }

    private void app(Consumer<DocumentTransaction> writes) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            writes.accept(transaction);
            transaction.commit();
        }
    }

    private static Map<String, @Nullable ConvexValue> text(String field, String value) {
        return Map.of(field, ConvexValue.of(value));
    }

    private RepositoryLocation location() {
        return new RepositoryLocation("jdbc:h2:file:" + folder.resolve("repository"), null, null);
    }

    private <T> T inRepository(Function<RunRepository, T> question) {
        try (HikariDataSource dataSource = RepositoryDataSource.forOneQuestion(location())) {
            return question.apply(RunRepository.over(dataSource));
        }
    }

    /** What the last verification has found: the kind, the document's number in the order of ids, and the field. */
    private List<String> found(String verification) {
        return inRepository(repository -> {
            List<String> found = new ArrayList<>();
            for (boolean isWrong : new boolean[]{true, false}) {
                new VerificationStore(repository.jdbc()).page(verification, isWrong, Integer.MIN_VALUE, 0, 1000)
                        .forEach(row -> found.add("%s %s %s".formatted(row.mismatch().kind(),
                                row.mismatch().document() == null ? "run" : ids.indexOf(row.mismatch().document()),
                                row.mismatch().field())));
            }
            return found;
        });
    }

    @Test
    void whatIsAsItWasIsRight() throws IOException {
        run("split", SPLIT);
        app(writes -> writes.patch(ids.get(3), text("likes", "many")));

        assertThat(command("rollback", "split", "--verify")).isZero();

        assertThat(found("split-rollback-1-verify-1")).isEmpty();
    }

    @Test
    void whatTheAppWroteBeforeAndAfterTheRollbackIsListedAndNotWrong() throws IOException {
        run("split", SPLIT);
        app(writes -> writes.patch(ids.get(1), text("last", "before")));
        assertThat(command("rollback", "split")).isEqualTo(3);
        app(writes -> {
            writes.patch(ids.get(5), text("name", "after"));
            writes.delete(ids.get(7));
        });

        int exitCode = command("verify", "split-rollback-1");

        assertThat(found("split-rollback-1-verify-1")).containsExactlyInAnyOrder("CHANGED_SINCE 1 last",
                "CHANGED_SINCE 5 name", "DELETED_SINCE 7 null");
        assertThat(exitCode).isZero();
    }

    @Test
    void aFieldThatStillHoldsWhatTheRunWroteIsFound() throws IOException {
        run("split", SPLIT);
        assertThat(command("rollback", "split")).isZero();
        inRepository(repository -> repository.jdbc()
                .sql("delete from backfill_journal where run_name = 'split-rollback-1' and range_number = 0").update());
        app(writes -> {
            Map<String, @Nullable ConvexValue> asTheRunLeftIt = new HashMap<>(text("first", first(ids.get(0))));
            writes.patch(ids.get(0), asTheRunLeftIt);
        });

        assertThat(command("verify", "split-rollback-1")).isEqualTo(3);

        assertThat(found("split-rollback-1-verify-1")).containsExactlyInAnyOrder("JOURNAL_DIFFERS run null",
                "NOT_UNDONE 0 first");
    }

    private String first(String id) {
        List<String> first = new ArrayList<>();
        deployment.forEach("people", document -> {
            if (document.string("_id").equals(id)) {
                first.add(document.string("name").substring(0, document.string("name").indexOf(' ')));
            }
        });
        return first.getFirst();
    }

    @Test
    void aPartThatWasUndoneIsVerifiedAndNoMore() throws IOException {
        run("split", SPLIT);

        assertThat(command("rollback", "split", "--only", ids.get(4), ids.get(90), "--verify")).isZero();
        assertThat(command("rollback", "split", "--range", "1", "2", "--verify")).isZero();

        assertThat(found("split-rollback-1-verify-1")).isEmpty();
        assertThat(found("split-rollback-2-verify-1")).isEmpty();
    }

    @Test
    void aRangeOfTheRollbackThatIsMissingIsFound() throws IOException {
        run("split", SPLIT);
        assertThat(command("rollback", "split")).isZero();
        inRepository(repository -> repository.jdbc()
                .sql("delete from backfill_range where run_name = 'split-rollback-1' and range_number = 3").update());

        assertThat(command("verify", "split-rollback-1")).isEqualTo(3);

        assertThat(found("split-rollback-1-verify-1")).containsExactly("MISSING_RANGE run null");
    }

    @Test
    void copiesThatAreLeftAreListedIfTheAppHasWrittenToThemAndWrongOtherwise() throws IOException {
        run("copy", SPLIT + "write: { insertInto: people_v2 }\n");
        List<String> copies = ids("people_v2");
        app(writes -> writes.patch(copies.get(10), text("likes", "many")));
        assertThat(command("rollback", "copy")).isEqualTo(3);
        assertThat(command("verify", "copy-rollback-1")).isZero();
        ids = copies;
        assertThat(found("copy-rollback-1-verify-1")).containsExactly("CHANGED_SINCE 10 null");

        app(writes -> {
            Map<String, @Nullable ConvexValue> back = new HashMap<>();
            back.put("likes", ConvexValue.number(0));
            writes.patch(copies.get(10), back);
        });

        assertThat(command("verify", "copy-rollback-1")).isEqualTo(3);
        assertThat(found("copy-rollback-1-verify-2")).containsExactly("NOT_UNDONE 10 null");
    }

    @Test
    void deletedDocumentsThatAreNotBackAreFound() throws IOException {
        run("delete", "write: delete\nconfirm: delete\n");
        assertThat(command("rollback", "delete", "--verify")).isZero();
        assertThat(found("delete-rollback-1-verify-1")).isEmpty();
        app(writes -> {
            writes.patch(newId(20), text("likes", "many"));
            writes.delete(newId(30));
        });
        inRepository(repository -> repository.jdbc()
                .sql("delete from backfill_id_mapping where run_name = 'delete-rollback-1' and source_id = :id")
                .param("id", ids.get(40)).update());

        assertThat(command("verify", "delete-rollback-1")).isEqualTo(3);

        assertThat(found("delete-rollback-1-verify-2")).containsExactlyInAnyOrder("COPIES_DIFFER run null",
                "NOT_UNDONE 40 null", "CHANGED_SINCE 20 likes", "DELETED_SINCE 30 null");
    }

    @Test
    void countsAndFindsEverythingOnceHoweverOftenItIsInterrupted() throws IOException {
        // more than are looked at together in a range
        deployment.load("people",
                IntStream.range(0, 2600).mapToObj(_ -> ConvexObject.of("name", ConvexValue.of("A B"))));
        ids = ids("people");
        run("delete", "write: delete\nconfirm: delete\n");
        assertThat(command("rollback", "delete", "--no-references")).isZero();
        app(writes -> IntStream.range(0, 20).forEach(n -> writes.delete(newId(n * 130))));
        try (RunContext context = RunContext.open(location(), BackfillSettings.DEFAULT)) {
            RunStore runs = context.repository().runs();
            List<Range> ranges = context.repository().stores().ranges().list("delete-rollback-1").stream()
                    .map(RangeRow::range).toList();
            runs.createVerification("again", new RunKind.Verification("delete-rollback-1", null), "token",
                    runs.find("delete-rollback-1").orElseThrow().plan(), ranges);
            int interruptions = 0;
            while (!isComplete(runs)) {
                interruptUntilComplete(context);
                interruptions++;
            }

            assertThat(interruptions).isGreaterThan(2);
            assertThat(read(context)).isEqualTo(ids.size());
        }
        assertThat(found("again")).hasSize(20).allMatch(row -> row.startsWith("DELETED_SINCE "));
    }

    /** Executes the verification until it has looked at more than before. */
    private void interruptUntilComplete(RunContext context) {
        RunStore runs = context.repository().runs();
        long before = read(context);
        runs.prepareToResume("again", runs.find("again").orElseThrow().plan(), null);
        try (RunEngine engine = context.engine(deployment.adminKey(), new TaskScope.OneRun("again"), 1, () -> {})) {
            engine.start();
            engine.submit("again");
            Awaitility.await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(2))
                    .until(() -> read(context) > before || isComplete(runs));
            runs.requestStop("again", "the test has seen enough");
            engine.stop("again", "the test has seen enough");
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(
                    () -> runs.find("again").orElseThrow().state().isAtRest() && !engine.isManaging("again"));
        }
    }

    private static boolean isComplete(RunStore runs) {
        return runs.find("again").orElseThrow().state() == RunState.COMPLETED;
    }

    private static long read(RunContext context) {
        return context.repository().stores().ranges().list("again").stream().mapToLong(row -> row.counts().read())
                .sum();
    }

    private String newId(int number) {
        return inRepository(repository -> repository.jdbc()
                .sql("select target_id from backfill_id_mapping where run_name = 'delete-rollback-1' and source_id = :id")
                .param("id", ids.get(number)).query(String.class).single());
    }

    @Test
    void whatIsOnlyForRunsOfPlansIsRefused() throws IOException {
        run("split", SPLIT);
        assertThat(command("rollback", "split")).isZero();

        assertThat(command("verify", "split-rollback-1", "--repair")).isEqualTo(2);
        assertThat(command("verify", "split-rollback-1", "--plan", folder.resolve("split.yaml").toString()))
                .isEqualTo(2);
        assertThat(command("verify", "split")).describedAs("a run that is undone").isEqualTo(2);
    }
}
