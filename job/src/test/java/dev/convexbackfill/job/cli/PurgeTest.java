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
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.testsupport.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What is kept of runs goes when it is told to, and not before it was asked. */
class PurgeTest {

    @TempDir
    private Path folder;

    private LocalDeployment deployment;
    private RepositoryLocation repository;

    @BeforeEach
    void serve() throws IOException {
        deployment = LocalDeployment.builder().start();
        deployment.load("posts", IntStream.range(0, 90).mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n))));
        Files.writeString(folder.resolve("key"), deployment.adminKey().value());
        repository = location(TestDatabase.Kind.H2);
    }

    private RepositoryLocation location(TestDatabase.Kind kind) {
        TestDatabase database = kind.create(folder);
        // on the command line there is only a URL
        return new RepositoryLocation(kind == TestDatabase.Kind.H2 ? database.url()
                : "%s?user=%s&password=%s".formatted(database.url(), database.username(), database.password()), null,
                null);
    }

    @AfterEach
    void close() {
        deployment.close();
    }

    private int command(String... args) {
        return BackfillCommand.execute(Stream.concat(Stream.of(args), Stream.of("--url", deployment.url().toString(),
                "--admin-key-file", folder.resolve("key").toString(), "--repository", repository.url()))
                .toArray(String[]::new));
    }

    private int status(String run) {
        return BackfillCommand.execute("status", run, "--repository", repository.url());
    }

    private String plan(String name) throws IOException {
        return plan(name, "");
    }

    private String plan(String name, String rest) throws IOException {
        return Files.writeString(folder.resolve(name + ".yaml"), """
                apiVersion: backfill/v1
                name: %s
                table: posts
                ranges: 2
                transform: [{ set: { field: by, value: %s } }]
                """.formatted(name, name) + rest).toString();
    }

    /** No rows of any table of the repository, but for the history of its schema, and no table of a run's own. */
    private void requireNothingIsLeft() {
        try (HikariDataSource dataSource = RepositoryDataSource.forOneQuestion(repository)) {
            JdbcClient jdbc = JdbcClient.create(dataSource);
            List<String> tables = jdbc.sql("""
                    select lower(table_name) as name from information_schema.tables
                    where lower(table_schema) = 'public' and lower(table_name) not like '%schema_history'""")
                    .query((row, _) -> row.getString("name")).list();
            assertThat(tables).noneMatch(table -> table.matches(".*\\d"));
            List<String> withRows = new ArrayList<>();
            for (String table : tables) {
                if (jdbc.sql("select count(*) from " + table).query(Long.class).single() > 0) {
                    withRows.add(table);
                }
            }
            assertThat(withRows).isEmpty();
        }
    }

    private int rows(String table) {
        List<ConvexObject> rows = new ArrayList<>();
        deployment.forEach(table, rows::add);
        return rows.size();
    }

    private void execute(String sql) {
        try (HikariDataSource dataSource = RepositoryDataSource.forOneQuestion(repository)) {
            JdbcClient.create(dataSource).sql(sql).update();
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsLeftOfARunItsRollbackAndTheVerificationsOfBoth(TestDatabase.Kind kind) throws IOException {
        repository = location(kind);
        assertThat(command("run", plan("first"))).isZero();
        assertThat(command("verify", "first")).isZero();
        assertThat(command("rollback", "first", "--verify")).isZero();
        assertThat(rows("backfillLedger")).isEqualTo(4);

        assertThat(command("purge", "first-rollback-1", "--yes")).isEqualTo(2);
        assertThat(command("purge", "first")).describedAs("without a terminal nobody can be asked").isEqualTo(2);
        assertThat(rows("backfillLedger")).isEqualTo(4);
        assertThat(command("purge", "first", "--yes")).isZero();

        requireNothingIsLeft();
        assertThat(rows("backfillLedger")).isZero();
        assertThat(rows("backfillRuns")).isZero();
        assertThat(rows("posts")).isEqualTo(90);
    }

    @ParameterizedTest
    @EnumSource
    void withoutItsJournalARunIsThereButCanNotBeUndone(TestDatabase.Kind kind) throws IOException {
        repository = location(kind);
        assertThat(command("run", plan("first"))).isZero();
        assertThat(command("run", plan("second"))).isZero();

        assertThat(command("purge", "first", "--journal", "--yes")).isZero();

        assertThat(status("first")).isZero();
        assertThat(command("rollback", "first")).isEqualTo(2);
        assertThat(command("verify", "first")).isEqualTo(2);
        assertThat(command("rollback", "second")).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aPurgeThatWasInterruptedIsEndedAndNothingElseIsDone(TestDatabase.Kind kind) throws IOException {
        repository = location(kind);
        assertThat(command("run", plan("first"))).isZero();
        execute("update backfill_run set purged = 'ALL', state = 'STOPPED'");
        execute("delete from backfill_journal where range_number = 0");

        assertThat(command("rollback", "first")).isEqualTo(2);
        assertThat(command("resume", "first")).isEqualTo(2);
        assertThat(command("purge", "first", "--yes")).isZero();

        requireNothingIsLeft();
    }

    @Test
    void onlyWhatIsOldEnoughAndCompleteGoes() throws IOException {
        assertThat(command("run", plan("old"))).isZero();
        assertThat(command("run", plan("stopped"))).isZero();
        assertThat(command("run", plan("young"))).isZero();
        execute("update backfill_run set ended_at = timestamp '2026-01-01 00:00:00' where name <> 'young'");
        execute("update backfill_run set state = 'STOPPED' where name = 'stopped'");

        assertThat(command("purge", "--older-than", "a while", "--yes")).isEqualTo(2);
        assertThat(command("purge", "--yes")).isEqualTo(2);
        assertThat(command("purge", "--older-than", "1d", "--yes")).isZero();

        assertThat(status("old")).isEqualTo(2);
        assertThat(status("stopped")).isZero();
        assertThat(status("young")).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aPurgeThatWasInterruptedWhenTheJournalWasGoneIsEnded(TestDatabase.Kind kind) throws IOException {
        repository = location(kind);
        assertThat(command("run", plan("first"))).isZero();
        assertThat(command("purge", "first", "--journal", "--yes")).isZero();
        assertThat(command("purge", "first", "--journal", "--yes")).describedAs("twice").isZero();
        execute("update backfill_run set purged = 'ALL'");

        assertThat(command("rollback", "first")).isEqualTo(2);
        assertThat(command("purge", "first")).describedAs("there is no way back to lose").isZero();

        requireNothingIsLeft();
        assertThat(command("purge", "first", "--yes")).isEqualTo(2);
    }

    private long writtenBy(String run) {
        List<ConvexObject> written = new ArrayList<>();
        deployment.forEach("posts", document -> {
            if (document.has("by") && document.string("by").equals(run)) {
                written.add(document);
            }
        });
        return written.size();
    }

    @ParameterizedTest
    @EnumSource
    void aRunGoesOnWhileAnotherIsPurged(TestDatabase.Kind kind) throws Exception {
        repository = location(kind);
        assertThat(command("run", plan("first"))).isZero();
        String slow = plan("second", """
                chunk: { documents: 2 }
                throttle: { documentsPerSecond: 4, concurrency: 2 }
                """);
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<Integer> second = thread.submit(() -> command("run", slow));
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> writtenBy("second") > 0);

            assertThat(command("purge", "first", "--yes")).isZero();

            long written = writtenBy("second");
            assertThat(second.isDone()).isFalse();
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> writtenBy("second") > written);
            assertThat(BackfillCommand.execute("stop", "second", "--repository", repository.url())).isZero();
            assertThat(second.get()).isEqualTo(4);
        }

        assertThat(status("first")).isEqualTo(2);
        assertThat(command("rollback", "second")).isZero();
        assertThat(writtenBy("first")).isEqualTo(90);
    }

    @ParameterizedTest
    @EnumSource
    void ofTwoPurgesAtOnceOneMayFindThatTheOtherWasFaster(TestDatabase.Kind kind) throws Exception {
        repository = location(kind);
        assertThat(command("run", plan("first"))).isZero();
        assertThat(command("rollback", "first")).isZero();

        List<Integer> exitCodes = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<Integer>> purges = List.of(threads.submit(() -> command("purge", "first", "--yes")),
                    threads.submit(() -> command("purge", "first", "--yes")));
            for (Future<Integer> purge : purges) {
                exitCodes.add(purge.get());
            }
        }

        assertThat(exitCodes).contains(0).isSubsetOf(0, 2);
        requireNothingIsLeft();
        assertThat(rows("backfillLedger")).isZero();
    }
}
