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
import static org.awaitility.Awaitility.await;

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.TestClock;
import dev.convexbackfill.local.function.FunctionContext;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Body;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.function.LogLines;
import dev.convexbackfill.local.limits.DeploymentLimits;
import dev.convexbackfill.local.schema.Validator;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a deployment of the class S16 does that one on a laptop does not. */
class DeploymentLimitsTest {

    private final TestClock clock = new TestClock();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final CountDownLatch running = new CountDownLatch(16);
    private final LocalDeployment deployment = LocalDeployment.builder()
            .clock(clock)
            .deploymentLimits(impatient(DeploymentLimits.CLOUD))
            .functions(List.of(
                    function("hold", FunctionKind.MUTATION, (_, _) -> hold()),
                    function("holdQuery", FunctionKind.QUERY, (_, _) -> hold()),
                    function("write", FunctionKind.MUTATION, (context, _) -> write(context)),
                    function("fail", FunctionKind.MUTATION, (context, _) -> {
                        context.log().add(LogLines.Level.LOG, "a line");
                        throw new FunctionFailedException("Uncaught ConvexError: secret",
                                ConvexObject.of("kind", ConvexValue.of("nope")));
                    }),
                    function("log", FunctionKind.QUERY, (context, _) -> {
                        context.log().add(LogLines.Level.LOG, "a line");
                        return ConvexNull.NULL;
                    })))
            .start();
    private final TestClient client = new TestClient(deployment);

    private static DeploymentLimits impatient(DeploymentLimits limits) {
        return new DeploymentLimits(limits.queries(), limits.mutations(), limits.actions(), Duration.ofMillis(1),
                limits.bytesPerSecond(), limits.redacts());
    }

    private static FunctionDefinition function(String name, FunctionKind kind, Body body) {
        return new FunctionDefinition("m:" + name, kind, Visibility.PUBLIC, Validator.ANY, Validator.ANY, body);
    }

    private ConvexValue hold() {
        running.countDown();
        try {
            goOn.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        return ConvexNull.NULL;
    }

    private static ConvexValue write(FunctionContext context) {
        for (int i = 0; i < 5; i++) {
            context.db().insert("large", ConvexObject.of("text", ConvexValue.of("x".repeat(900_000))));
        }
        return ConvexNull.NULL;
    }

    @AfterEach
    void close() {
        goOn.countDown();
        client.close();
        deployment.close();
    }

    private List<CompletableFuture<HttpResponse<String>>> sixteen(String kind, String path) throws Exception {
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            CompletableFuture<HttpResponse<String>> call = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> call.complete(client.call(kind, path)));
            calls.add(call);
        }
        running.await();
        return calls;
    }

    @Test
    void aSeventeenthMutationIsRefusedWhileQueriesStillRun() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> calls = sixteen("mutation", "m:hold");

        HttpResponse<String> refused = client.call("mutation", "m:hold");

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).isEqualTo("{\"code\":\"TooManyConcurrentRequests\",\"message\":\"Too many concurrent"
                + " requests. Your backend is limited to 16 concurrent mutations. To get more resources, upgrade to Convex"
                + " Pro. If you are already on Convex Pro, please contact support.\"}");
        assertThat(client.call("query", "m:log").statusCode()).isEqualTo(200);
        goOn.countDown();
        calls.forEach(call -> assertThat(call.join().statusCode()).isEqualTo(200));
    }

    @Test
    void aSeventeenthQueryIsRefusedWhileMutationsStillRun() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> calls = sixteen("query", "m:holdQuery");

        assertThat(client.call("query", "m:log").body()).contains("limited to 16 concurrent querys.");
        assertThat(client.call("mutation", "m:fail").statusCode()).isEqualTo(200);
        goOn.countDown();
        calls.forEach(call -> assertThat(call.join().statusCode()).isEqualTo(200));
    }

    @Test
    void whoWritesMoreThanFourMebibytesInASecondHasToWait() {
        assertThat(client.call("mutation", "m:write").statusCode()).isEqualTo(200);

        HttpResponse<String> refused = client.call("mutation", "m:write");

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body())
                .isEqualTo("{\"code\":\"TooManyWrites\",\"message\":\"Too many writes per second. Your"
                        + " deployment is limited to 4 MiB bytes written per 1 second. Reduce your write rate or upgrade to a larger"
                        + " deployment.\"}");
        assertThat(client.call("query", "m:log").statusCode()).isEqualTo(200);
        clock.advance(Duration.ofMillis(1001));
        assertThat(client.call("mutation", "m:write").statusCode()).isEqualTo(200);
    }

    @Test
    void aMutationThatComesTooEarlyIsTriedAgainForAWhile() {
        client.call("mutation", "m:write");
        CompletableFuture<HttpResponse<String>> second = CompletableFuture
                .supplyAsync(() -> client.call("mutation", "m:write"));

        clock.advance(Duration.ofMillis(1001));

        await().untilAsserted(() -> assertThat(second.join().statusCode()).isEqualTo(200));
    }

    @Test
    void failuresAreNotExplainedButTheirDataArrives() {
        assertThat(client.call("mutation", "m:fail").body()).matches("\\{\"status\":\"error\",\"errorMessage\":"
                + "\"\\[Request ID: [0-9a-f]{16}] Server Error\",\"errorData\":\\{\"kind\":\"nope\"}}");
        assertThat(client.call("query", "m:log").body()).isEqualTo("{\"status\":\"success\",\"value\":null}");
    }
}
