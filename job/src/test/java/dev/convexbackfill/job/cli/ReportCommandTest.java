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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reports as people and scripts get them. */
class ReportCommandTest {

    @TempDir
    private Path folder;

    private LocalDeployment deployment;

    @BeforeEach
    void serve() throws IOException {
        deployment = LocalDeployment.builder().start();
        deployment.load("people", IntStream.range(0, 60).mapToObj(n -> ConvexObject.of("name",
                n % 20 == 0 ? ConvexValue.number(n) : ConvexValue.of("First%d Last%d".formatted(n, n)))));
        Files.writeString(folder.resolve("key"), deployment.adminKey().value());
    }

    @AfterEach
    void close() {
        deployment.close();
    }

    private int run() throws IOException {
        return BackfillCommand.execute("run", Files.writeString(folder.resolve("plan.yaml"), """
                apiVersion: backfill/v1
                name: split
                table: people
                ranges: 2
                transform:
                  - split: { from: name, into: [first, last], at: ' ' }
                """).toString(), "--url", deployment.url().toString(), "--admin-key-file",
                folder.resolve("key").toString(), "--repository", repository());
    }

    private String repository() {
        return "jdbc:h2:file:" + folder.resolve("repository");
    }

    /** What was printed. */
    private String report(int exitCode, String... args) {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, UTF_8));
        try {
            assertThat(BackfillCommand.execute(Stream.concat(Stream.of("report"), Stream.concat(Stream.of(args),
                    Stream.of("--repository", repository()))).toArray(String[]::new))).isEqualTo(exitCode);
        } finally {
            System.setOut(before);
        }
        return printed.toString(UTF_8);
    }

    @Test
    void theReportOfARunIsWrittenInEachForm() throws IOException {
        assertThat(run()).isEqualTo(ExitCode.COMPLETED_WITH_QUARANTINE);

        String markdown = report(ExitCode.COMPLETED, "split");
        assertThat(markdown)
                .startsWith("# Run split\n\n**Completed: every document that it was for is accounted for.**")
                .contains("\nNot verified.\n", "| changed | 57 |", "| quarantined | 3 |",
                        "| `first` | 57 | 0 | 0 | 0 |", "| `last` | 57 | 0 | 0 | 0 |",
                        "* try that again: `./backfill quarantine split --replay`\n",
                        "* look at every document once more: `./backfill verify split`\n")
                .doesNotContain(deployment.adminKey().value());
        assertThat(report(ExitCode.COMPLETED, "split", "--format", "markdown")).isEqualTo(markdown);

        JsonNode json = JsonMapper.shared().readTree(report(ExitCode.COMPLETED, "split", "--json"));
        assertThat(json.get("version").asInt()).isEqualTo(1);
        assertThat(json.get("run").get("state").asString()).isEqualTo("COMPLETED");
        assertThat(json.get("documents").get("changed").asLong()).isEqualTo(57);
        assertThat(json.get("quarantine").get("groups").get(0).get("documents").asLong()).isEqualTo(3);
        assertThat(json.get("executions").get(0).get("process").asString()).contains(System.getProperty("user.name"));

        Path page = folder.resolve("report.html");
        assertThat(report(ExitCode.COMPLETED, "split", "--out", page.toString()))
                .isEqualTo("Wrote %s%n".formatted(page));
        String html = Files.readString(page);
        assertThat(html).contains("<title>Run split</title>", "<svg").doesNotContain(deployment.adminKey().value());
        assertThat(report(ExitCode.COMPLETED, "split", "--format", "html")).isEqualTo(html);
    }

    @Test
    void whatCantBeReportedIsRefused() throws IOException {
        assertThat(run()).isEqualTo(ExitCode.COMPLETED_WITH_QUARANTINE);

        report(ExitCode.REFUSED, "unknown");
        report(ExitCode.REFUSED, "split", "--json", "--format", "html");
        report(ExitCode.REFUSED, "split", "--out", folder.resolve("nowhere/report.html").toString());
    }
}
