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
package dev.convexbackfill.local.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.function.LogLines;
import dev.convexbackfill.local.schema.Validator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogRoutesTest {

    private final LocalDeployment deployment = LocalDeployment.builder()
            .functions(
                    List.of(function("say", FunctionKind.MUTATION, false), function("fail", FunctionKind.QUERY, true)))
            .start();
    private final TestClient client = new TestClient(deployment);

    private static FunctionDefinition function(String name, FunctionKind kind, boolean fails) {
        return new FunctionDefinition("m:" + name, kind, Visibility.PUBLIC, Validator.ANY, Validator.ANY,
                (context, _) -> {
                    context.log().add(LogLines.Level.INFO, "'hello'");
                    if (fails) {
                        throw new FunctionFailedException("Uncaught Error: no");
                    }
                    return ConvexNull.NULL;
                });
    }

    @AfterEach
    void close() {
        client.close();
        deployment.close();
    }

    private ConvexObject logs(String route, double cursor, String version) {
        return ConvexJson.decodeObject(
                client.send(client.asAdmin("/api/%s?cursor=%s".formatted(route, Double.toString(cursor)))
                        .header("Convex-Client", version)).body().getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void tellsWhatRanWithItsLinesAndItsError() {
        client.call("mutation", "m:say");
        client.call("query", "m:fail");

        ConvexObject said = (ConvexObject) logs("stream_function_logs", 0, "npm-cli-1.2.3").array("entries").get(0);
        ConvexObject failed = (ConvexObject) logs("stream_function_logs", 0, "npm-cli-1.2.3").array("entries").get(1);

        assertThat(said.string("kind")).isEqualTo("Completion");
        assertThat(said.string("udfType")).isEqualTo("Mutation");
        assertThat(said.string("identifier")).isEqualTo("m:say");
        assertThat(said.get("error")).isEqualTo(ConvexNull.NULL);
        assertThat(((ConvexObject) said.array("logLines").get(0)).string("level")).isEqualTo("INFO");
        assertThat(((ConvexObject) said.array("logLines").get(0)).array("messages"))
                .isEqualTo(ConvexValue.array(ConvexValue.of("'hello'")));
        assertThat(failed.string("error")).isEqualTo("Uncaught Error: no");
    }

    @Test
    void linesArePlainForThoseWhoDoNotKnowBetter() {
        client.call("mutation", "m:say");

        ConvexObject entry = (ConvexObject) logs("stream_udf_execution", 0, "npm-cli-1.2.3").array("entries").get(0);

        assertThat(entry.array("logLines").get(0)).isEqualTo(new ConvexString("[INFO] 'hello'"));
    }

    @Test
    void whoHasReadEverythingWaitsForTheNextExecution() {
        client.call("mutation", "m:say");
        double cursor = logs("stream_function_logs", 0, "npm-cli-1.2.3").number("newCursor");
        CompletableFuture<ConvexObject> waiting = CompletableFuture
                .supplyAsync(() -> logs("stream_function_logs", cursor, "npm-cli-1.2.3"));

        client.call("query", "m:fail");

        assertThat(waiting.join().array("entries").size()).isEqualTo(1);
        assertThat(waiting.join().number("newCursor")).isGreaterThan(cursor);
    }

    @Test
    void itIsNotForEverybodyAndNeedsACursor() {
        assertThat(client.send(client.to("/api/stream_function_logs?cursor=0")).statusCode()).isEqualTo(403);
        assertThat(client.send(client.asAdmin("/api/stream_function_logs")).statusCode()).isEqualTo(400);
        assertThat(client.send(client.asAdmin("/api/stream_function_logs?cursor=NaN")).statusCode()).isEqualTo(400);
    }
}
