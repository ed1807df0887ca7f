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

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.job.cli.CommandProcess.Ended;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.testsupport.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quarantine on the command line, in the order in which people come to it. */
class QuarantineCommandTest {

    private static final String KEY = "local|0123456789abcdef";
    private static final int DOCUMENTS = 60;
    private static final String PLAN = """
            apiVersion: backfill/v1
            name: visits
            table: users
            chunk: { documents: 5 }
            transform:
              - increment: { field: visits }
            """;
    private static final String CORRECTED = PLAN.replace("transform:", """
            transform:
              - set: { field: visits, value: 0, when: "doc.visits == 'none'" }""");

    @TempDir
    private Path folder;

    @Test
    void isListedExportedAndTriedAgainAlsoWhereTheReplayIsKilled() throws IOException {
        try (LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY)).start()) {
            deployment.load("users", IntStream.range(0, DOCUMENTS).mapToObj(
                    n -> ConvexObject.of("visits", n < 40 ? ConvexValue.of("none") : ConvexValue.number(0))));
            CommandProcess command = new CommandProcess(folder).with("CONVEX_URL", deployment.url().toString())
                    .with("CONVEX_DEPLOY_KEY", KEY).with("BACKFILL_LEASE", "4s");
            Path plan = Files.writeString(folder.resolve("plan.yaml"), PLAN);
            Path corrected = Files.writeString(folder.resolve("corrected.yaml"),
                    CORRECTED + "throttle: { documentsPerSecond: 2, concurrency: 1 }\n");

            Ended run = command.run("run", plan.toString());
            assertThat(run.exitCode()).describedAs(run.output()).isEqualTo(3);
            assertThat(run.output())
                    .contains("40 documents are in quarantine, unchanged. See why: ./backfill quarantine"
                            + " visits; try them again: ./backfill quarantine visits --replay");

            Ended listed = command.run("quarantine", "visits", "--limit", "2");
            assertThat(listed.exitCode()).isZero();
            assertThat(listed.output().lines().toList()).hasSize(7).startsWith(
                    "Run 'visits': 40 documents are in quarantine",
                    "          40  TRANSFORM", "          40    increment: 'visits' holds string and no number");

            Path csv = folder.resolve("quarantine.csv");
            assertThat(command.run("quarantine", "visits", "--csv", csv.toString(), "--jsonl",
                    folder.resolve("quarantine.jsonl").toString()).exitCode()).isZero();
            List<String> rows = Files.readAllLines(csv);
            assertThat(rows).hasSize(41).startsWith("id,reason,message,inputDigest,planDigest,run,at");
            assertThat(rows.get(1)).matches(
                    "\\w+,TRANSFORM,increment: 'visits' holds string and no number,[0-9a-f]{64},[0-9a-f]{64},visits,.*Z");
            assertThat(Files.readAllLines(folder.resolve("quarantine.jsonl"))).hasSize(40)
                    .allMatch(line -> line.startsWith("{\"id\":\""));

            try (JavaProcess replay = command.start("quarantine", "visits", "--replay", "--plan",
                    corrected.toString())) {
                Awaitility.await().atMost(Duration.ofMinutes(5)).until(() -> changed(deployment) > 20);
                replay.kill();
            }
            assertThat(changed(deployment)).isLessThan(DOCUMENTS);
            Files.writeString(corrected, CORRECTED);
            Ended refused = command.run("quarantine", "visits", "--replay");
            assertThat(refused.exitCode()).isEqualTo(2);
            assertThat(refused.output()).contains("Go on with it: ./backfill resume visits-replay-1");

            Ended resumed = command.run("resume", "visits-replay-1");
            assertThat(resumed.exitCode()).describedAs(resumed.output()).isZero();
            assertThat(resumed.output()).contains("every document of the quarantine of 'visits' is accounted for");
            deployment.forEach("users", user -> assertThat(user.number("visits")).isEqualTo(1));

            Ended status = command.run("status", "visits", "--watch");
            assertThat(status.exitCode()).describedAs(status.output()).isZero();
            assertThat(command.run("status", "visits").output())
                    .contains("in quarantine now: 0 of 40; replays have settled the others");
            assertThat(command.run("quarantine", "visits", "--replay").output())
                    .contains("there is nothing to try again");
        }
    }

    private static long changed(LocalDeployment deployment) {
        long[] changed = {0};
        deployment.forEach("users", user -> {
            if (ConvexValue.number(1).equals(user.get("visits"))) {
                changed[0]++;
            }
        });
        return changed[0];
    }
}
