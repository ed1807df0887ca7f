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
import dev.convexbackfill.job.cli.CommandProcess.Ended;
import dev.convexbackfill.job.reference.ReferenceStore;
import dev.convexbackfill.job.reference.SearchState;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Searches of which the process dies, is stopped, or has company. */
class KilledReferencesTest {

    private static final String KEY = "local|key";
    private static final int PEOPLE = 20;
    private static final int LETTERS = 1000;

    private final LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY)).start();

    @TempDir
    private Path folder;

    private CommandProcess command;
    private HikariDataSource dataSource;
    private RunRepository repository;

    @BeforeEach
    void serve() throws IOException {
        deployment.load("people",
                IntStream.range(0, PEOPLE).mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n))));
        List<String> people = new ArrayList<>();
        deployment.forEach("people", person -> people.add(person.string("_id")));
        deployment.load("letters", IntStream.range(0, LETTERS)
                .mapToObj(n -> ConvexObject.of("to", ConvexValue.of(people.get(n % PEOPLE)))));
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

    private long read() {
        return new ReferenceStore(repository.jdbc(), repository.transactions()).find("purge-rollback-1")
                .map(SearchState::documentsRead).orElse(0L);
    }

    private void awaitMoreThan(long documents) {
        Awaitility.await().ignoreExceptions().atMost(Duration.ofMinutes(2)).until(() -> read() > documents);
    }

    private static JsonNode json(Ended ended) {
        return JsonMapper.shared().readTree(
                ended.output().lines().filter(line -> line.startsWith("{")).findFirst().orElseThrow());
    }

    @Test
    void whateverHappensToItEveryReferenceIsCountedOnce() throws IOException {
        Path plan = Files.writeString(folder.resolve("plan.yaml"), """
                apiVersion: backfill/v1
                name: purge
                table: people
                ranges: 2
                throttle: { documentsPerSecond: 50 }
                write: delete
                confirm: delete
                """);
        Ended purged = command.run("run", plan.toString());
        assertThat(purged.exitCode()).describedAs(purged.output()).isZero();

        // killed while it follows the rollback
        try (JavaProcess process = command.start("rollback", "purge")) {
            awaitMoreThan(0);
            process.kill();
        }
        assertThat(repository.runs().find("purge-rollback-1").orElseThrow().state()).isEqualTo(RunState.COMPLETED);
        Ended resumed = command.run("resume", "purge-rollback-1");
        assertThat(resumed.exitCode()).isZero();
        assertThat(resumed.output()).contains("already completed",
                "20 documents have new ids.",
                "the search is not complete. Go on with: ./backfill references purge-rollback-1");

        long killedAt = read();
        assertThat(killedAt).isLessThan(LETTERS);
        try (JavaProcess process = command.start("references", "purge-rollback-1")) {
            awaitMoreThan(killedAt);
            Ended second = command.run("references", "purge-rollback-1");
            assertThat(second.exitCode()).describedAs(second.output()).isEqualTo(ExitCode.REFUSED);
            assertThat(second.output()).contains("The references of 'purge-rollback-1' are being looked for by process "
                    + process.pid());
            Ended stop = command.run("stop", "purge-rollback-1");
            assertThat(stop.exitCode()).describedAs(stop.output()).isZero();
            assertThat(process.awaitExit(60)).describedAs(String.join("\n", process.output()))
                    .isEqualTo(ExitCode.STOPPED);
            assertThat(String.join("\n", process.output()))
                    .contains("stopped by ./backfill stop. Go on where it is with:"
                            + " ./backfill references purge-rollback-1");
        }
        long stoppedAt = read();
        assertThat(stoppedAt).isLessThan(LETTERS);
        try (JavaProcess process = command.start("references", "purge-rollback-1")) {
            awaitMoreThan(stoppedAt);
            process.signal("INT");
            assertThat(process.awaitExit(60)).isEqualTo(ExitCode.STOPPED);
        }
        long interruptedAt = read();
        assertThat(interruptedAt).isLessThan(LETTERS);
        // one that was counted, behind which it goes on, and one that it has not come to
        appDeletes(position());
        appDeletes(lastLetter());

        Ended ended = command.run("references", "purge-rollback-1", "--json", "--limit", "3");
        assertThat(ended.exitCode()).describedAs(ended.output()).isEqualTo(ExitCode.COMPLETED_WITH_QUARANTINE);
        JsonNode result = json(ended);
        assertThat(result.get("state").asString()).isEqualTo("COMPLETED");
        assertThat(result.get("newIds").asInt()).isEqualTo(PEOPLE);
        assertThat(result.get("references").asInt()).isEqualTo(LETTERS - 1);
        assertThat(result.get("fields").toString()).isEqualTo(
                "[{\"table\":\"letters\",\"field\":\"to\",\"documents\":%d,\"references\":%d,\"isMendedByPlan\":true}]"
                        .formatted(LETTERS - 1, LETTERS - 1));
        assertThat(result.get("first").size()).isEqualTo(3);
        assertThat(read()).isEqualTo(LETTERS - 1 + PEOPLE);
        Ended shown = command.run("references", "purge-rollback-1");
        assertThat(shown.output()).contains("letters.to: 999 references in 999 documents",
                "  - reference: { field: to, run: purge-rollback-1 }");
        assertThat(command.run("status", "purge-rollback-1").output()).contains(
                "20 documents have new ids. 999 references to the old ones found. See where, and how to mend them:"
                        + " ./backfill references purge-rollback-1");
    }

    private String position() {
        return new ReferenceStore(repository.jdbc(), repository.transactions()).find("purge-rollback-1").orElseThrow()
                .tables().stream().filter(table -> table.name().equals("letters")).findFirst()
                .map(SearchState.Table::position).orElseThrow();
    }

    private String lastLetter() {
        List<String> letters = new ArrayList<>();
        deployment.forEach("letters", letter -> letters.add(letter.string("_id")));
        return Collections.max(letters);
    }

    private void appDeletes(String id) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            transaction.delete(id);
            transaction.commit();
        }
    }

    @Test
    void aStopDuringTheSearchThatFollowsARollbackStopsOnlyThat() throws IOException {
        Path plan = Files.writeString(folder.resolve("plan.yaml"),
                purge("purge") + "throttle: { documentsPerSecond: 50 }\n");
        assertThat(command.run("run", plan.toString()).exitCode()).isZero();

        try (JavaProcess process = command.start("rollback", "purge", "--json")) {
            awaitMoreThan(0);
            process.signal("TERM");
            assertThat(process.awaitExit(60)).isZero();
            String printed = String.join("\n", process.output());
            assertThat(printed)
                    .contains("The search for references was stopped by SIGTERM. Go on with: ./backfill references"
                            + " purge-rollback-1", "Run 'purge-rollback-1' completed");
            JsonNode result = json(new Ended(0, printed));
            assertThat(result.get("state").asString()).isEqualTo("COMPLETED");
            assertThat(result.get("newIds").asInt()).isEqualTo(PEOPLE);
            assertThat(result.get("references").get("state").asString()).isEqualTo("STOPPED");
        }
    }

    private static String purge(String name) {
        return """
                apiVersion: backfill/v1
                name: %s
                table: people
                ranges: 2
                write: delete
                confirm: delete
                """.formatted(name);
    }

    private void inTheBackground(String... args) {
        Ended detached = command.run(args);
        assertThat(detached.exitCode()).describedAs(detached.output()).isZero();
        long pid = json(detached).get("pid").asLong();
        Awaitility.await().atMost(Duration.ofMinutes(2))
                .until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void aRollbackInTheBackgroundLooksForReferencesUnlessToldNotTo() throws IOException {
        for (String name : List.of("first", "second")) {
            Path plan = Files.writeString(folder.resolve(name + ".yaml"), purge(name));
            Ended purged = command.run("run", plan.toString());
            assertThat(purged.exitCode()).describedAs(purged.output()).isZero();
            if (name.equals("first")) {
                inTheBackground("rollback", name, "--detach", "--json");
            } else {
                inTheBackground("rollback", name, "--detach", "--json", "--no-references");
            }
            assertThat(repository.runs().find(name + "-rollback-1").orElseThrow().state())
                    .isEqualTo(RunState.COMPLETED);
        }

        ReferenceStore store = new ReferenceStore(repository.jdbc(), repository.transactions());
        SearchState first = store.find("first-rollback-1").orElseThrow();
        assertThat(first.isComplete()).isTrue();
        assertThat(first.references()).isEqualTo(LETTERS);
        assertThat(store.find("second-rollback-1")).isEmpty();
        assertThat(command.run("status", "second-rollback-1").output()).contains(
                "References to the old ones were not looked for; do it with: ./backfill references second-rollback-1");
    }
}
