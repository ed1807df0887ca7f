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
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.job.canary.CanaryPhase;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed in each part of a canary, and one in the background that brings it to its end. */
class KilledCanaryTest {

    private static final String KEY = "local|key";
    private static final int DOCUMENTS = 400;
    private static final int SLICE = 100;

    private final LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY)).start();

    @TempDir
    private Path folder;

    private CommandProcess command;
    private HikariDataSource dataSource;
    private RunRepository repository;

    @BeforeEach
    void serve() {
        deployment.load("users", IntStream.range(0, DOCUMENTS)
                .mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n))));
        TestDatabase database = TestDatabase.Kind.POSTGRESQL.create(folder);
        command = new CommandProcess(folder).with("CONVEX_URL", deployment.url().toString())
                .with("CONVEX_DEPLOY_KEY", KEY).with("BACKFILL_REPOSITORY_URL", database.url())
                .with("BACKFILL_REPOSITORY_USERNAME", database.username())
                .with("BACKFILL_REPOSITORY_PASSWORD", database.password());
        dataSource = RepositoryDataSource.forOneQuestion(
                new RepositoryLocation(database.url(), database.username(), database.password()));
        repository = RunRepository.over(dataSource);
    }

    @AfterEach
    void close() {
        dataSource.close();
        deployment.close();
    }

    /** By the documents themselves. */
    private int incremented() {
        int[] sum = new int[1];
        deployment.forEach("users", user -> sum[0] += (user.get("times") == null ? 0 : (int) user.number("times")));
        return sum[0];
    }

    private long read(String run) {
        return repository.stores().ranges().list(run).stream().mapToLong(row -> row.counts().read()).sum();
    }

    private boolean isIn(CanaryPhase phase) {
        return repository.canaries().find("times").filter(canary -> canary.phase() == phase).isPresent();
    }

    private void killWhen(Callable<Boolean> condition, String... args) {
        try (JavaProcess process = command.start(args)) {
            Awaitility.await().ignoreExceptions().atMost(Duration.ofMinutes(2)).until(condition);
            process.kill();
        }
        assertThat(incremented()).isLessThanOrEqualTo(isIn(CanaryPhase.APPROVED) ? DOCUMENTS : SLICE);
    }

    @Test
    void whereverItIsKilledTheSliceIsTheSameAndNothingIsDoneTwice() throws IOException {
        String plan = Files.writeString(folder.resolve("plan.yaml"), """
                apiVersion: backfill/v1
                name: times
                table: users
                ranges: 5
                chunk: { documents: 4 }
                throttle: { documentsPerSecond: 60, concurrency: 2 }
                transform:
                  - increment: { field: times }
                """).toString();

        killWhen(() -> read("times") > SLICE / 4, "run", plan, "--canary", Integer.toString(SLICE));
        killWhen(() -> isIn(CanaryPhase.MIGRATED), "resume", "times");
        assertThat(incremented()).isEqualTo(SLICE);
        killWhen(() -> read("times-verify-1") > 0, "resume", "times");
        assertThat(command.run("list").output()).contains("INTERRUPTED");
        assertThat(command.run("resume", "times", "--detach").exitCode()).isZero();
        CommandProcess.Ended waits = command.run("status", "times", "--watch");
        assertThat(waits.exitCode()).describedAs(waits.output()).isEqualTo(5);
        assertThat(waits.output()).contains("Verified by 'times-verify-1': nothing is wrong.",
                "%12d  documents looked at".formatted(SLICE));
        assertThat(incremented()).isEqualTo(SLICE);

        killWhen(() -> read("times") > 2 * SLICE, "approve", "times");
        CommandProcess.Ended ended = command.run("resume", "times");
        assertThat(ended.exitCode()).describedAs(ended.output()).isZero();
        deployment.forEach("users", user -> assertThat(user.number("times")).isOne());
        assertThat(repository.runs().list()).extracting(Run::name).containsExactlyInAnyOrder("times",
                "times-verify-1");
    }
}
