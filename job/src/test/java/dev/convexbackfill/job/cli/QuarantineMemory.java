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

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.repository.RepositorySchema;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Not a test, but a benchmark: what the heap of {@code quarantine RUN} holds after full collections, of which there are none where it
 * needs little, over a small quarantine and over a large one, in which every message is another. Started by
 * {@code build/quarantine-memory}.
 */
class QuarantineMemory {

    private static final List<Integer> SIZES = List.of(10_000, 1_000_000);
    private static final String HEAP = System.getProperty("quarantine.heap", "64m");
    /** Of the collector's lines, such as {@code Pause Full (Allocation Failure) 57M->23M(61M)}. */
    private static final Pattern LEFT = Pattern.compile("Pause Full .*->(\\d+)M\\(");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void heapLeftByCollections(TestDatabase.Kind kind) throws IOException {
        TestDatabase database = kind.create(folder);
        RepositoryLocation location = new RepositoryLocation(database.url(), database.username(), database.password());
        try (HikariDataSource dataSource = RepositoryDataSource.forRuns(location, 2)) {
            RepositorySchema.migrate(dataSource);
            SIZES.forEach(size -> fill(JdbcClient.create(dataSource), kind, size));
        }
        for (List<String> command : List.of(List.<String>of(), List.of("--json"), List.of("--csv", "all.csv"),
                List.of("--jsonl", "all.jsonl"))) {
            for (int size : SIZES) {
                System.out.printf("%-10s %,9d documents, quarantine %-18s %s%n", kind, size, String.join(" ", command),
                        measure(database, command, size));
            }
        }
    }

    private static void fill(JdbcClient jdbc, TestDatabase.Kind kind, int documents) {
        jdbc.sql(
                """
                        insert into backfill_run (name, token, deployment_url, table_name, plan_text, plan_digest, state, created_at)
                        values (:run, 'token', 'http://127.0.0.1:3210', 'users', 'plan', 'digest', 'COMPLETED', current_timestamp)""")
                .param("run", run(documents)).update();
        String numbers = kind == TestDatabase.Kind.H2 ? "system_range(1, :documents) as numbers(n)"
                : "generate_series(1, :documents) as numbers(n)";
        jdbc.sql("""
                insert into backfill_quarantine (run_name, document_id, range_number, sequence, fence, reason, message,
                  input_digest, plan_digest, created_at)
                select :run, concat('j57', lpad(cast(n as varchar(29)), 29, '0')), 0, n, 1, 'TRANSFORM',
                  concat('convert: ''age'' holds the text ''about ', n, ' years'', which is no number'),
                  repeat('0', 64), repeat('1', 64), current_timestamp from\s""" + numbers)
                .param("run", run(documents)).param("documents", documents).update();
    }

    private static String run(int documents) {
        return "run-of-" + documents;
    }

    private String measure(TestDatabase database, List<String> command, int documents) throws IOException {
        Path log = folder.resolve("collections.txt");
        String[] args = Stream.concat(Stream.of("quarantine", run(documents)), command.stream()
                .map(word -> word.startsWith("all.") ? folder.resolve(word).toString() : word)).toArray(String[]::new);
        long started = System.nanoTime();
        try (JavaProcess process = JavaProcess.start(Backfill.class,
                List.of("-Xmx" + HEAP, "-Xlog:gc:file=" + log, "-Xlog:gc*=off:stdout",
                        "-Dbackfill.log.file=" + folder.resolve("backfill.log")),
                Map.of("BACKFILL_REPOSITORY_URL", database.url(), "BACKFILL_REPOSITORY_USERNAME", database.username(),
                        "BACKFILL_REPOSITORY_PASSWORD", database.password()),
                args)) {
            int exitCode = process.awaitExit(600);
            long most = LEFT.matcher(Files.readString(log)).results()
                    .mapToLong(match -> Long.parseLong(match.group(1))).max().orElse(0);
            return exitCode == 0 ? "%,5d MiB of %s at most, %.1f s".formatted(most, HEAP,
                    (System.nanoTime() - started) / 1e9)
                    : "exit %d with %s: %s".formatted(exitCode, HEAP,
                            String.join(" / ", process.output().stream().limit(3)
                                    .toList()));
        }
    }
}
