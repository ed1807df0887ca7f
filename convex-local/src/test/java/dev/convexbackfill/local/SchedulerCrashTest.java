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
package dev.convexbackfill.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.FunctionContext;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Body;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.testsupport.JavaProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scheduled calls when the deployment's process is killed among them. */
class SchedulerCrashTest {

    private static final int CALLS = 300;

    @TempDir
    private Path directory;

    @Test
    void mutationsTakeEffectOnceAndActionsAreNotBegunAgain() {
        try (JavaProcess process = JavaProcess.start(Server.class, List.of(), Map.of(), directory.toString())) {
            process.awaitLine("the action runs"::equals);
            process.awaitLine(_ -> process.output().stream().filter("added"::equals).count() > CALLS / 10);
            process.kill();
        }

        List<ConvexObject> rows = new ArrayList<>();
        List<Integer> added = new ArrayList<>();
        try (LocalDeployment deployment = Server.deployment(directory, _ -> {})) {
            await().untilAsserted(() -> {
                rows.clear();
                deployment.forEach("_scheduled_functions", rows::add);
                assertThat(rows).noneMatch(row -> List.of("pending", "inProgress").contains(kind(row)));
            });
            deployment.forEach("added", row -> added.add((int) row.number("n")));
        }

        assertThat(added).containsExactlyInAnyOrderElementsOf(IntStream.range(0, CALLS).boxed().toList());
        assertThat(rows).hasSize(CALLS + 1);
        assertThat(rows).filteredOn(row -> !kind(row).equals("success")).singleElement()
                .satisfies(row -> assertThat(row.object("state"))
                        .isEqualTo(ConvexObject.of("kind", ConvexValue.of("failed"), "error",
                                ConvexValue.of("Transient error while executing action"))));
    }

    private static String kind(ConvexObject row) {
        return row.object("state").string("kind");
    }

    /** Has many calls scheduled, and says what runs. */
    static final class Server {

        private Server() {}

        public static void main(String[] args) throws Exception {
            LocalDeployment deployment = deployment(Path.of(args[0]), System.out::println);
            try (HttpClient http = HttpClient.newHttpClient()) {
                HttpRequest request = HttpRequest.newBuilder(URI.create(deployment.url() + "/api/mutation"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"path\":\"m:begin\",\"args\":{}}"))
                        .build();
                System.out.println(http.send(request, BodyHandlers.ofString()).body());
            }
            Thread.currentThread().join();
        }

        static LocalDeployment deployment(Path directory, Consumer<String> told) {
            return LocalDeployment.builder().directory(directory).functions(List.of(
                    function("begin", FunctionKind.MUTATION, (context, _) -> begin(context)),
                    function("add", FunctionKind.MUTATION, (context, args) -> {
                        context.db().insert("added", args);
                        told.accept("added");
                        return ConvexNull.NULL;
                    }),
                    function("act", FunctionKind.ACTION, (_, _) -> {
                        told.accept("the action runs");
                        try {
                            Thread.currentThread().join();
                        } catch (InterruptedException interrupted) {
                            throw new IllegalStateException(interrupted);
                        }
                        return ConvexNull.NULL;
                    }))).start();
        }

        private static FunctionDefinition function(String name, FunctionKind kind, Body body) {
            return new FunctionDefinition("m:" + name, kind, Visibility.PUBLIC, Validator.ANY, Validator.ANY, body);
        }

        private static ConvexValue begin(FunctionContext context) {
            context.schedule("m:act", ConvexObject.EMPTY, context.startedAt());
            for (int n = 0; n < CALLS; n++) {
                context.schedule("m:add", ConvexObject.of("n", ConvexValue.number(n)), context.startedAt());
            }
            return ConvexNull.NULL;
        }
    }
}
