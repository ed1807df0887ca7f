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

import static dev.convexbackfill.local.function.FunctionDefinition.mutation;
import static dev.convexbackfill.local.function.FunctionDefinition.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.job.cli.CommandProcess.Ended;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.schema.Validator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people and scripts are told of a run that calls functions of the app's own, and what can be done with it afterwards. */
class FunctionsCommandTest {

    private static final String SINK_CAVEAT = "calls users:take at least once for each document; after a crash some are called"
            + " again; no compare-and-set unless it does that itself; can not be undone";
    private static final String SOURCE_CAVEAT = "covers only the documents that users:all returns while the run looks for them;"
            + " what it adds to them, the steps don't see";

    private volatile boolean refusesThree = true;
    private final LocalDeployment deployment = LocalDeployment.builder().alsoFunctions(List.of(
            query("users:all", Visibility.INTERNAL, Validator.ANY,
                    (db, _) -> ConvexObject.of("items", ConvexValue.array(db.take("users", 100)))),
            mutation("users:take", Visibility.INTERNAL, Validator.object().field("id", Validator.STRING).field("n",
                    Validator.NUMBER), (db, args) -> {
                        if (refusesThree && args.number("n") == 3) {
                            throw new FunctionFailedException(ConvexObject.of("code", ConvexValue.of("three")));
                        }
                        db.patch(args.string("id"), Map.of("taken", ConvexValue.of(true)));
                        return ConvexNull.NULL;
                    })))
            .start();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        deployment.close();
    }

    private String[] args(String... command) {
        String[] all = List.of(command).toArray(new String[command.length + 4]);
        all[command.length] = "--url";
        all[command.length + 1] = deployment.url().toString();
        all[command.length + 2] = "--admin-key-file";
        all[command.length + 3] = folder.resolve("key").toString();
        return all;
    }

    @Test
    void whatIsWeakerIsSaidAndWhatWasRefusedIsReplayedAndNothingIsUndone() throws IOException {
        deployment.load("users", IntStream.range(0, 10).mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n))));
        Files.writeString(folder.resolve("key"), deployment.adminKey().value());
        String plan = Files.writeString(folder.resolve("plan.yaml"), """
                apiVersion: backfill/v1
                name: taking
                table: users
                ranges: 2
                source: { query: "users:all", pagination: nextCursor }
                sink: { mutation: "users:take", args: { id: doc._id, n: doc.n } }
                """).toString();
        CommandProcess commands = new CommandProcess(folder);

        Ended checked = commands.run(args("check", plan, "--json"));
        assertThat(checked.exitCode()).describedAs(checked.output()).isZero();
        assertThat(checked.output()).contains("\"caveats\":[\"%s\",\"%s\"]".formatted(SOURCE_CAVEAT, SINK_CAVEAT));

        Ended ended = commands.run(args("run", plan, "--json"));
        assertThat(ended.exitCode()).describedAs(ended.output()).isEqualTo(3);
        assertThat(ended.output()).contains("\"caveats\":[\"%s\",\"%s\"]".formatted(SOURCE_CAVEAT, SINK_CAVEAT),
                "\"write\":\"call users:take\"", "\"changed\":9,", "\"quarantined\":1,");
        // before and after
        assertThat(ended.output().split("Mind that the run " + SINK_CAVEAT, -1)).hasSize(3);

        Ended undo = commands.run(args("rollback", "taking"));
        assertThat(undo.exitCode()).isEqualTo(2);
        assertThat(undo.output())
                .contains("Run 'taking' has called 'users:take', and there is no journal of what that has"
                        + " written: it can't be undone.");

        Ended verified = commands.run(args("verify", "taking"));
        assertThat(verified.exitCode()).isEqualTo(2);
        assertThat(verified.output()).contains("what that has written only it knows");

        refusesThree = false;
        Ended replayed = commands.run(args("quarantine", "taking", "--replay"));
        assertThat(replayed.exitCode()).describedAs(replayed.output()).isZero();
        deployment.forEach("users", user -> assertThat(user.get("taken")).isEqualTo(ConvexValue.of(true)));
    }
}
