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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.repository.TestRepository;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.partitioner.dispatch.ProcessName;
import dev.convexbackfill.testsupport.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine;

/** Commands that only look, on a repository that an older version has made. */
class OldRepositoryTest {

    /** Before quarantines could be replayed, and before selections and code. */
    private static final String OLD_VERSION = "6";

    @TempDir
    private Path folder;

    /** Where a run was made with the tables of the older version. */
    private String oldRepository(TestDatabase.Kind kind) {
        String url = url(kind.create(folder));
        TestRepository.createOldTables(new RepositoryLocation(url, null, null), OLD_VERSION);
        execute(url,
                """
                        insert into backfill_run (name, token, deployment_url, table_name, plan_text, plan_digest, state, created_at)
                        values ('old', 'token', 'http://127.0.0.1:3210', 'users', 'plan', 'digest', 'RUNNING', current_timestamp)""");
        execute(url, "insert into backfill_range (run_name, range_number) values ('old', 0)");
        return url;
    }

    private static void execute(String url, String sql) {
        try (HikariDataSource dataSource = RepositoryDataSource
                .forOneQuestion(new RepositoryLocation(url, null, null))) {
            JdbcClient.create(dataSource).sql(sql).update();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theirTablesAreBroughtUpToDateByTheFirstThatAsks(TestDatabase.Kind kind) {
        String url = oldRepository(kind);

        for (String[] command : new String[][]{{"list"}, {"status"}, {"status", "old"}, {"quarantine", "old"},
                {"stop", "old"}}) {
            String[] args = new String[command.length + 2];
            System.arraycopy(command, 0, args, 0, command.length);
            args[command.length] = "--repository";
            args[command.length + 1] = url;
            assertThat(BackfillCommand.execute(args)).describedAs(String.join(" ", command)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatTheOlderVersionHasKeptIsStillThere(TestDatabase.Kind kind) {
        RepositoryOptions options = CommandLine.populateCommand(new RepositoryOptions(), "--repository",
                oldRepository(kind));

        List<Run> runs = options.ask(stores -> stores.runs().list(), List.of());

        assertThat(runs).singleElement().satisfies(run -> {
            assertThat(run.name()).isEqualTo("old");
            assertThat(run.write()).isEqualTo(Write.of("patch"));
            assertThat(run.replayOf()).isNull();
        });
    }

    private static String url(TestDatabase database) {
        return database.url().startsWith("jdbc:h2") ? database.url()
                : "%s?user=%s&password=%s".formatted(database.url(), database.username(), database.password());
    }

    /** Rows as the older version had them: those columns that it knew. */
    private static void copy(String table, JdbcClient from, JdbcClient to) {
        List<String> columns = to.sql("""
                select lower(column_name) as name from information_schema.columns where lower(table_name) = :table""")
                .param("table", table).query((row, _) -> row.getString("name")).list();
        String insert = "insert into %s (%s) values (%s)".formatted(table, String.join(", ", columns),
                String.join(", ", columns.stream().map(_ -> "?").toList()));
        from.sql("select * from " + table).query().listOfRows()
                .forEach(row -> to.sql(insert).params(columns.stream().map(row::get).toList()).update());
    }

    @ParameterizedTest
    @EnumSource
    void runsOfBeforeJournalsWereApartAreUndoneAndPurged(TestDatabase.Kind kind) throws IOException {
        try (LocalDeployment deployment = LocalDeployment.builder().start()) {
            deployment.load("posts", IntStream.range(0, 90).mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n))));
            String newUrl = url(kind.create(Files.createDirectory(folder.resolve("new"))));
            String oldUrl = url(kind.create(Files.createDirectory(folder.resolve("old"))));
            Function<String[], Integer> command = args -> BackfillCommand
                    .execute(Stream.concat(Stream.of(args), Stream.of("--url", deployment.url().toString(),
                            "--admin-key-file", folder.resolve("key").toString())).toArray(String[]::new));
            Files.writeString(folder.resolve("key"), deployment.adminKey().value());
            String plan = Files.writeString(folder.resolve("plan.yaml"), """
                    apiVersion: backfill/v1
                    name: first
                    table: posts
                    ranges: 2
                    transform: [{ set: { field: by, value: first } }]
                    """).toString();
            assertThat(command.apply(new String[]{"run", plan, "--repository", newUrl})).isZero();
            TestRepository.createOldTables(new RepositoryLocation(oldUrl, null, null), "19");
            try (HikariDataSource from = RepositoryDataSource
                    .forOneQuestion(new RepositoryLocation(newUrl, null, null));
                    HikariDataSource to = RepositoryDataSource
                            .forOneQuestion(new RepositoryLocation(oldUrl, null, null))) {
                for (String table : List.of("backfill_run", "backfill_range", "backfill_journal")) {
                    copy(table, JdbcClient.create(from), JdbcClient.create(to));
                }
            }

            assertThat(BackfillCommand.execute("status", "first", "--repository", oldUrl)).isZero();
            assertThat(command.apply(new String[]{"verify", "first", "--repository", oldUrl})).isZero();
            assertThat(command.apply(new String[]{"rollback", "first", "--repository", oldUrl})).isZero();
            deployment.forEach("posts", post -> assertThat(post.has("by")).isFalse());
            assertThat(command.apply(new String[]{"purge", "first", "--yes", "--repository", oldUrl})).isZero();
            assertThat(command.apply(new String[]{"run", plan, "--repository", oldUrl})).isZero();
            assertThat(command.apply(new String[]{"rollback", "first", "--repository", oldUrl})).isZero();
            deployment.forEach("posts", post -> assertThat(post.has("by")).isFalse());
        }
    }

    @Test
    void theyStayAsTheyAreWhileAProcessOfThatVersionWorks() {
        String url = oldRepository(TestDatabase.Kind.H2);
        RepositoryOptions options = CommandLine.populateCommand(new RepositoryOptions(), "--repository", url);
        execute(url,
                """
                        insert into run_task (task_name, task_instance, execution_time, picked, picked_by, last_heartbeat, version)
                        values ('run', 'old/0', current_timestamp, true, '%s', current_timestamp, 1)"""
                        .formatted(ProcessName.current()));

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> options.ask(stores -> stores.runs().list(), List.of()))
                    .isInstanceOf(RefusedException.class)
                    .hasMessage(
                            "The tables of the repository %s are those of an older version of convex-backfill, which"
                                    + " executes the run 'old' there now. Ask with that version, or when the run is at rest.",
                            url);
        }

        execute(url, "delete from run_task");
        assertThat(options.ask(stores -> stores.runs().list(), List.of())).hasSize(1);
    }
}
