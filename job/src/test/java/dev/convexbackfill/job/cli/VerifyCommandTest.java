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
import dev.convexbackfill.job.run.RunRepository;
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
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command, in processes of its own. How often it is killed can be set: {@code -Dverification.kills=20}. */
class VerifyCommandTest {

    private static final String KEY = "local|key";
    private static final int KILLS = Integer.getInteger("verification.kills", 2);
    private static final int DOCUMENTS = 1000 + 300 * KILLS;
    private static final int WRONG = 40;
    private static final String PLAN = """
            apiVersion: backfill/v1
            name: names
            table: users
            ranges: %d
            transform:
              - split: { from: name, into: [first, last], at: ' ' }
            ensure:
              - present: [first]
            """.formatted(Math.max(8, 4 * KILLS));

    private final LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY)).start();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        deployment.close();
    }

    private static JsonNode json(Ended ended) {
        return JsonMapper.shared().readTree(
                ended.output().lines().filter(line -> line.startsWith("{")).findFirst().orElseThrow());
    }

    @Test
    void saysWhatIsWrongHoweverOftenItIsKilled() throws IOException {
        deployment.load("users", IntStream.range(0, DOCUMENTS)
                .mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n), "name", ConvexValue.of("Ada L" + n))));
        TestDatabase database = TestDatabase.Kind.POSTGRESQL.create(folder);
        CommandProcess command = new CommandProcess(folder).with("CONVEX_URL", deployment.url().toString())
                .with("CONVEX_DEPLOY_KEY", KEY).with("BACKFILL_REPOSITORY_URL", database.url())
                .with("BACKFILL_REPOSITORY_USERNAME", database.username())
                .with("BACKFILL_REPOSITORY_PASSWORD", database.password()).with("BACKFILL_LEASE", "4s");
        Path plan = Files.writeString(folder.resolve("plan.yaml"), PLAN);
        Path slow = Files.writeString(folder.resolve("slow.yaml"),
                PLAN + "throttle: { documentsPerSecond: 100, concurrency: 2 }\n");

        Ended clean = command.run("run", plan.toString(), "--verify");
        assertThat(clean.exitCode()).describedAs(clean.output()).isZero();
        assertThat(clean.output()).contains("Run 'names' is verified: nothing is wrong.");

        removeFirstNames();
        Ended undisturbed = command.run("verify", "names", "--json", "--limit", "3");
        assertThat(undisturbed.exitCode()).describedAs(undisturbed.output()).isEqualTo(3);
        JsonNode result = json(undisturbed);
        assertThat(result.get("wrong").asInt()).isEqualTo(WRONG);
        assertThat(result.get("mismatches").toString())
                .isEqualTo("{\"ENSURE_FAILED\":%d,\"CHANGED_SINCE\":%d}".formatted(WRONG, WRONG));
        assertThat(result.get("first").size()).isEqualTo(3);
        requireMark(result.get("verified"));

        assertThat(command.run("verify", "names", "--plan", plan.toString(), "--sample", "8").output())
                .contains("A sample can't prove");
        killAgainAndAgain(command, slow, database);
        Path csv = folder.resolve("all.csv");
        Ended resumed = command.run("verify", "killed", "--json", "--csv", csv.toString());
        assertThat(resumed.exitCode()).isEqualTo(3);
        assertThat(json(resumed).get("mismatches")).isEqualTo(result.get("mismatches"));
        assertThat(json(resumed).get("read")).isEqualTo(result.get("read"));
        assertThat(Files.readAllLines(csv)).hasSize(1 + 2 * WRONG)
                .startsWith("document,kind,isWrong,field,expected,found,message,firstSeen,seenAgain");
        assertThat(command.run("status", "killed").output()).contains("ENSURE_FAILED: not as the plan ensures");

        // more than are kept of a range, so that it takes more than one pass
        removeNames(DOCUMENTS / 4 * 3);
        Ended repaired = command.run("verify", "names", "--repair");
        assertThat(repaired.exitCode()).describedAs(repaired.output()).isZero();
        assertThat(repaired.output()).contains("NOT_MIGRATED: not migrated",
                "Run 'names-replay-1' completed", "Run 'names-replay-2' completed",
                "Run 'names' is verified: nothing is wrong.");
    }

    /** It stands before the first document of each range that is wrong. */
    private void requireMark(JsonNode verified) {
        List<String> wrong = new ArrayList<>();
        deployment.forEach("users", user -> {
            if (!user.has("first")) {
                wrong.add(user.string("_id"));
            }
        });
        List<String> firstWrong = new ArrayList<>();
        verified.get("others").forEach(other -> firstWrong.add(other.get("firstWrong").asString()));
        assertThat(verified.get("cleanRanges").asInt()).isEqualTo(verified.get("ranges").asInt() - firstWrong.size());
        assertThat(firstWrong).isSorted().isNotEmpty();
        assertThat(firstWrong.getFirst()).isEqualTo(Collections.min(wrong));
        assertThat(wrong).containsAll(firstWrong);
    }

    private void removeFirstNames() {
        remove(WRONG, "first");
    }

    /** Then these documents hold what they held before the run. */
    private void removeNames(int documents) {
        remove(documents, "first", "last");
    }

    private void remove(int documents, String... fields) {
        List<String> ids = new ArrayList<>();
        deployment.forEach("users", user -> ids.add(user.string("_id")));
        Collections.sort(ids);
        Map<String, @Nullable ConvexValue> none = new HashMap<>();
        Arrays.stream(fields).forEach(field -> none.put(field, null));
        try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            ids.stream().limit(documents).forEach(id -> transaction.patch(id, none));
            transaction.commit();
        }
    }

    private void killAgainAndAgain(CommandProcess command, Path slow, TestDatabase database) {
        try (HikariDataSource dataSource = RepositoryDataSource.forOneQuestion(
                new RepositoryLocation(database.url(), database.username(), database.password()))) {
            RunRepository repository = RunRepository.over(dataSource);
            for (int kill = 0; kill <= KILLS; kill++) {
                long before = read(repository);
                try (JavaProcess verifier = kill == 0
                        ? command.start("verify", "names", "--name", "killed", "--plan", slow.toString())
                        : command.start("resume", "killed")) {
                    if (kill < KILLS) {
                        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> read(repository) > before);
                        verifier.kill();
                    } else {
                        assertThat(verifier.awaitExit(180)).describedAs(String.join("\n", verifier.output()))
                                .isEqualTo(3);
                    }
                }
            }
        }
    }

    private static long read(RunRepository repository) {
        return repository.stores().ranges().list("killed").stream().mapToLong(row -> row.counts().read()).sum();
    }
}
