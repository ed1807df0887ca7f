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
import dev.convexbackfill.local.function.BackfillFunctions;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.partitioner.ledger.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong is said in words, with exit code 2, and changes nothing: neither the deployment nor the repository. */
class BadInputTest {

    private static final String PLAN = """
            apiVersion: backfill/v1
            name: people
            table: users
            transform:
              - set: { field: seen, value: true }
            """;
    private static final String KEY = "local|5ec2e700";

    private final LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY)).start();

    @TempDir
    private Path folder;

    BadInputTest() {
        deployment.load("users", Stream.of(ConvexObject.of("name", ConvexValue.of("Ada"))));
    }

    @AfterEach
    void close() {
        deployment.close();
    }

    private CommandProcess command() {
        return new CommandProcess(folder).with("CONVEX_URL", deployment.url().toString()).with("CONVEX_DEPLOY_KEY",
                KEY);
    }

    private Path plan(String text) throws IOException {
        return Files.writeString(folder.resolve("plan.yaml"), text);
    }

    private void requireRefused(Ended ended, String message) {
        assertThat(ended.exitCode()).describedAs(ended.output()).isEqualTo(2);
        assertThat(ended.output()).contains(message).doesNotContain("\tat ").doesNotContain("5ec2e700");
    }

    private void requireUntouched() {
        assertThat(deployment.hasTable("backfillLedger")).isFalse();
        deployment.forEach("users", user -> assertThat(user.has("seen")).isFalse());
        assertThat(new CommandProcess(folder).run("list").output()).contains("There are no runs");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "table: users       | tabel: users     | tabel",
            "table: users       | table: [users]   | table",
            "{ field: seen, value: true } | { field: seen } | value",
            "table: users       | table: people    | has no table 'people'",
            "apiVersion: backfill/v1 | apiVersion: backfill/v9 | apiVersion"})
    void aPlanThatIsWrongIsRefusedByNameOfTheKey(String right, String wrong, String message) throws IOException {
        Path plan = plan(PLAN.replace(right, wrong));

        requireRefused(command().run("run", plan.toString()), message);
        requireUntouched();
    }

    @Test
    void aPlanThatIsNotThereIsRefused() {
        requireRefused(command().run("run", folder.resolve("none.yaml").toString()), "There is no plan '");
        requireUntouched();
    }

    @Test
    void aKeyThatTheDeploymentDoesNotTakeIsRefused() throws IOException {
        requireRefused(command().with("CONVEX_DEPLOY_KEY", "local|wrong").run("run", plan(PLAN).toString()),
                "does not take the deploy key");
        requireUntouched();
    }

    @Test
    void aKeyThatTheDeploymentDoesNotTakeIsRefusedBeforeAnythingIsDetached() throws IOException {
        requireRefused(command().with("CONVEX_DEPLOY_KEY", "local|wrong").run("run", plan(PLAN).toString(), "--detach"),
                "does not take the deploy key");
        assertThat(folder.resolve("people.out")).doesNotExist();
        requireUntouched();
    }

    @Test
    void aKeyThatCantBeReadTwiceIsRefusedToADetachedRun() throws IOException {
        requireRefused(
                command().run("run", plan(PLAN).toString(), "--detach", "--admin-key-file", "/dev/null"),
                "'/dev/null' can't be read again by a process in the background");
        requireUntouched();
    }

    @Test
    void aDetachedRunThatIsRefusedAfterItsLaunchSaysSo() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        List<FunctionDefinition> functions = new ArrayList<>(BackfillFunctions.all());
        functions.removeIf(function -> function.path().equals("backfill:info"));
        functions.add(FunctionDefinition.query("backfill:info", Visibility.INTERNAL, Validator.object(),
                (_, _) -> ConvexObject.of("protocol",
                        ConvexValue.number(asked.getAndIncrement() == 0 ? Ledger.PROTOCOL : 99))));
        deployment.install(functions);

        Ended ended = command().run("run", plan(PLAN).toString(), "--detach");

        requireRefused(ended, "has ended with exit code 2");
        assertThat(ended.output()).contains("speak protocol 99");
        deployment.forEach("users", user -> assertThat(user.has("seen")).isFalse());
    }

    @ParameterizedTest
    @CsvSource({"http://127.0.0.1:1, Check the URL", "nonsense, is not a deployment's URL"})
    void aDeploymentThatCantBeReachedIsRefused(String url, String message) throws IOException {
        requireRefused(command().with("CONVEX_URL", url).run("run", plan(PLAN).toString()), message);
        requireUntouched();
    }

    @Test
    void aDeploymentWithoutTheFunctionsIsRefused() throws IOException {
        deployment.install(List.of());

        requireRefused(command().run("run", plan(PLAN).toString()), "are not installed");
        requireUntouched();
    }

    @Test
    void aDeploymentWithFunctionsOfAnotherVersionIsRefused() throws IOException {
        deployment.install(List.of(FunctionDefinition.query("backfill:info", Visibility.INTERNAL, Validator.object(),
                (_, _) -> ConvexObject.of("protocol", ConvexValue.number(99)))));

        requireRefused(command().run("run", plan(PLAN).toString()), "speak protocol 99");
        requireUntouched();
    }

    @ParameterizedTest
    @CsvSource({"jdbc:mysql://x/y, must be a PostgreSQL database or an H2 file",
            "jdbc:postgresql://127.0.0.1:1/none, can't be used"})
    void aRepositoryThatCantBeUsedIsRefused(String url, String message) throws IOException {
        requireRefused(command().with("BACKFILL_REPOSITORY_URL", url).run("run", plan(PLAN).toString()), message);
        requireUntouched();
    }

    @Test
    void aRunThatDoesNotExistCantBeResumed() {
        requireRefused(command().run("resume", "none"), "There is no run 'none'");
    }

    @Test
    void anUnknownCommandIsRefused() {
        requireRefused(command().run("rum"), "Unmatched argument");
    }

    @Test
    void aPlanThatWasEditedIsRefusedUnlessThatIsAccepted() throws IOException {
        Path plan = plan(PLAN + "throttle: { documentsPerSecond: 1 }\n");
        deployment.load("users", Stream.generate(() -> ConvexObject.of("name", ConvexValue.of("Grace"))).limit(200));
        try (var runner = command().start("run", plan.toString())) {
            runner.awaitLine(line -> line.contains(" read, "));
            runner.signal("TERM");
            assertThat(runner.awaitExit(60)).isEqualTo(4);
        }

        plan(PLAN + "where: { createdFrom: 2020-01-01 }\n");
        requireRefused(command().run("resume", "people", "--accept-changed-plan"), "selects other documents ('where')");
        plan(PLAN.replace("value: true", "value: false"));
        requireRefused(command().run("resume", "people"), "--accept-changed-plan");
        Ended accepted = command().run("resume", "people", "--accept-changed-plan");

        assertThat(accepted.exitCode()).describedAs(accepted.output()).isZero();
        deployment.forEach("users", user -> assertThat(user.has("seen")).isTrue());
    }
}
