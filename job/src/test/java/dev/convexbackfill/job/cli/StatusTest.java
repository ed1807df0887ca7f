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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusTest {

    private static final String KEY = "local|0123456789abcdef";

    @TempDir
    private Path folder;

    @Test
    void ofARunThatIsAtRestTellsHowItEnded() throws IOException {
        try (LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY)).start()) {
            deployment.load("users",
                    Stream.of("12", "twelve").map(text -> ConvexObject.of("age", ConvexValue.of(text))));
            Path plan = Files.writeString(folder.resolve("plan.yaml"), """
                    apiVersion: backfill/v1
                    name: ages
                    table: users
                    transform:
                      - convert: { field: age, to: number }
                    """);
            CommandProcess command = new CommandProcess(folder).with("CONVEX_URL", deployment.url().toString())
                    .with("CONVEX_DEPLOY_KEY", KEY);
            assertThat(command.run("run", plan.toString()).exitCode()).isEqualTo(3);

            Ended watched = command.run("status", "ages", "--watch");

            assertThat(watched.exitCode()).isEqualTo(3);
            assertThat(watched.output()).contains("Run 'ages' completed").doesNotContain("documents/s  ");
            assertThat(command.run("status")).isEqualTo(command.run("list"))
                    .satisfies(all -> assertThat(all.output()).startsWith("ages ").contains("COMPLETED"));
            // as they were when the run began, whatever it has done to them
            assertThat(command.run("status", "ages", "--json").output())
                    .contains("\"rollbackPoint\":{\"takenAt\":",
                            "{\"name\":\"users\",\"number\":10001,\"documents\":2}",
                            "'users' with 2 documents; no schema, 0 indexes");
        }
    }

    @Test
    void looksOnOnlyAtANamedRunThatExists() {
        CommandProcess command = new CommandProcess(folder);

        assertThat(command.run("status", "--watch")).satisfies(ended -> {
            assertThat(ended.exitCode()).isEqualTo(2);
            assertThat(ended.output()).contains("Which run?");
        });
        assertThat(command.run("status", "none", "--watch")).satisfies(ended -> {
            assertThat(ended.exitCode()).isEqualTo(2);
            assertThat(ended.output()).contains("There is no run 'none'");
        });
    }
}
