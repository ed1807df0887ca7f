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

import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.job.cli.CommandProcess.Ended;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How plans get to people, and what people are told of theirs on the command line. */
class PlanFilesTest {

    @TempDir
    private Path folder;

    private Ended check(byte[] plan) throws IOException {
        return new CommandProcess(folder).run("check", Files.write(folder.resolve("plan.yaml"), plan).toString());
    }

    private void requireRefused(String plan, String... problems) throws IOException {
        Ended ended = check(plan.getBytes(StandardCharsets.UTF_8));

        assertThat(ended.exitCode()).describedAs(ended.output()).isEqualTo(2);
        assertThat(ended.output().lines().limit(problems.length)).containsExactly(problems);
        assertThat(ended.output()).endsWith("Nothing was changed. Correct the plan and try again.")
                .doesNotContain("\tat ");
    }

    @Test
    void everythingThatIsWrongIsToldWithFileLineAndKey() throws IOException {
        String file = folder.resolve("plan.yaml").toString();

        requireRefused("""
                apiVersion: backfill/v1
                name: My Plan
                table: users
                transform:
                  - drop: _id
                  - set: { field: a }
                ranges: '8'
                """,
                file + ":2: name: must be 1 to 60 lower-case letters, digits and dashes, not 'My Plan'",
                file + ":5: transform[0].drop: '_id' is no field that a plan may name: names that begin with '_' belong to Convex",
                file + ":6: transform[1].set.value: is missing",
                file + ":7: ranges: must be a whole number from 1 to 1000, not the text '8': leave out the quotes");
        requireRefused("transform:\n\t- drop: a\n", file
                + ":2: is not valid YAML: found character '\\t(TAB)' that cannot"
                + " start any token. (Do not use \\t(TAB) for indentation); indent with spaces, and put a text that begins"
                + " with %, @ or ` in quotes");
        requireRefused("", file + ": the plan is empty; `backfill init` writes an example");
        requireRefused("a: " + "[".repeat(50_000), file + ":1: is nested more than 64 levels deep");
    }

    @Test
    void whatIsNoTextIsSaid() throws IOException {
        Ended ended = check("name: größe".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.output()).endsWith("is not text in UTF-8; save it as UTF-8");
    }

    @Test
    void initWritesThePlanAndTheSchemaThatItsFirstLineNames() throws IOException {
        Files.createDirectory(folder.resolve("convex"));
        CommandProcess command = new CommandProcess(folder);

        assertThat(command.run("init", folder.toString()).exitCode()).isZero();

        String plan = Files.readString(folder.resolve("backfill-plan.yaml"));
        assertThat(PlanParser.parse("plan.yaml", plan).table()).isEqualTo("users");
        assertThat(plan).startsWith("# yaml-language-server: $schema=./backfill-plan.schema.json\n");
        String schema = Files.readString(folder.resolve("backfill-plan.schema.json"));
        assertThat(command.run("schema").output()).isEqualTo(schema.stripTrailing());
        assertThat(schema).contains("\"backfill/v1\"");
    }
}
