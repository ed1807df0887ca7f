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

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.job.cli.CommandProcess.Ended;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Not a test, but a benchmark: how fast a verification and a rollback are beside the run itself, each between its first and its last
 * document, one after the other on one machine. Started by {@code build/speed}.
 */
class CommandSpeed {

    private static final String KEY = "local|key";
    /** Before anything is measured, so many documents let the deployment get up to speed. */
    private static final int WARMUP = 50_000;
    private static final int DOCUMENTS = Integer.getInteger("speed.documents", 300_000);
    private static final String REPOSITORIES = System.getProperty("speed.repositories", "H2 POSTGRESQL");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void runVerifyAndRollBack(TestDatabase.Kind kind) throws IOException {
        assumeTrue(REPOSITORIES.contains(kind.name()));
        TestDatabase database = kind.create(folder);
        try (JavaProcess deployment = JavaProcess.start(CommandSpeed.class,
                Stream.concat(CommandProcess.OPTIMISED.stream(), Stream.of("-Xmx12g")).toList(), Map.of(),
                String.valueOf(DOCUMENTS))) {
            String url = deployment.awaitLine(line -> line.startsWith("http"));
            CommandProcess command = new CommandProcess(folder).optimised()
                    .with("CONVEX_URL", url)
                    .with("CONVEX_DEPLOY_KEY", KEY).with("BACKFILL_REPOSITORY_URL", database.url())
                    .with("BACKFILL_REPOSITORY_USERNAME", database.username())
                    .with("BACKFILL_REPOSITORY_PASSWORD", database.password());
            for (String table : new String[]{"warmup", "users"}) {
                Path plan = Files.writeString(folder.resolve(table + ".yaml"), """
                        apiVersion: backfill/v1
                        name: %s
                        table: %s
                        transform:
                          - split: { from: name, into: [first, last], at: ' ' }
                          - convert: { field: credits, to: int64 }
                          - default: { field: active, value: true }
                          - drop: [name]
                        """.formatted(table, table));
                int documents = table.equals("users") ? DOCUMENTS : WARMUP;
                double run = documents / seconds(command, database, table, "run", plan.toString());
                print(kind, table, "run", run, run);
                print(kind, table, "verify, digests",
                        documents / seconds(command, database, table + "-verify-1", "verify", table), run);
                print(kind, table, "verify, documents", documents / seconds(command, database, table + "-verify-2",
                        "verify", table, "--sample", String.valueOf(documents)), run);
                print(kind, table, "rollback",
                        documents / seconds(command, database, table + "-rollback-1", "rollback", table), run);
                print(kind, table, "verify, rollback", documents / seconds(command, database,
                        table + "-rollback-1-verify-1", "verify", table + "-rollback-1"), run);
            }
        }
    }

    /** Serves so many users until it is killed. */
    public static void main(String[] args) throws InterruptedException {
        LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY)).start();
        deployment.load("warmup", IntStream.range(0, WARMUP).mapToObj(CommandSpeed::user));
        deployment.load("users", IntStream.range(0, Integer.parseInt(args[0])).mapToObj(CommandSpeed::user));
        System.out.println(deployment.url());
        new CountDownLatch(1).await();
    }

    private static void print(TestDatabase.Kind kind, String table, String what, double speed, double run) {
        if (table.equals("users")) {
            System.out.printf("%-10s %-18s %,9.0f documents/s  %.2f of the run%n", kind, what, speed, speed / run);
        }
    }

    private static ConvexObject user(int n) {
        return ConvexObject.builder().put("n", n).put("name", "Ada Lovelace" + n).put("credits", String.valueOf(n))
                .put("email", "ada" + n + "@example.com").put("bio", "A text of some length about number " + n)
                .put("address", ConvexObject.builder().put("street", "St James's Square " + n).put("city", "London")
                        .put("postcode", "SW1Y").build())
                .put("tags", ConvexValue.array(ConvexValue.of("first"), ConvexValue.of("mathematics"))).build();
    }

    /** Between the begin and the end of the run's work. */
    private static double seconds(CommandProcess command, TestDatabase database, String run, String... args)
            throws IOException {
        Ended ended = command.run(args);
        if (ended.exitCode() != 0) {
            throw new IllegalStateException(ended.output());
        }
        try (HikariDataSource source = RepositoryDataSource
                .forRuns(new RepositoryLocation(database.url(), database.username(), database.password()), 1)) {
            return JdbcClient.create(source).sql("select started_at, ended_at from backfill_run where name = :run")
                    .param("run", run).query((row, _) -> {
                        Instant began = row.getObject("started_at", OffsetDateTime.class).toInstant();
                        Instant end = row.getObject("ended_at", OffsetDateTime.class).toInstant();
                        return Duration.between(began, end).toNanos() / 1e9;
                    }).single();
        }
    }
}
