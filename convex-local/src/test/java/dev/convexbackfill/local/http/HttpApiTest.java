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

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.schema.Validator;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpApiTest {

    private final LocalDeployment deployment = LocalDeployment.builder()
            .adminKey(new DeployKey("dev:local|secret"))
            .functions(List.of(
                    FunctionDefinition.query("dir/m:odd", Visibility.PUBLIC, Validator.object(),
                            (_, _) -> ConvexObject.builder()
                                    .put("big", ConvexValue.int64(5)).put("bytes", ConvexValue.of(new byte[]{1, 2}))
                                    .put("nan", Double.NaN).put("five", 5).build()),
                    FunctionDefinition.query("m:default", Visibility.PUBLIC, Validator.object(),
                            (_, _) -> ConvexValue.of("default")),
                    FunctionDefinition.mutation("m:add", Visibility.PUBLIC, Validator.object(), (db, _) -> {
                        db.insert("things", ConvexObject.EMPTY);
                        return ConvexNull.NULL;
                    }),
                    FunctionDefinition.query("m:internal", Visibility.INTERNAL, Validator.object(),
                            (_, _) -> ConvexValue.of("internal")),
                    new FunctionDefinition("m:who", FunctionKind.QUERY, Visibility.PUBLIC, Validator.object(),
                            Validator.ANY, (context, _) -> requireNonNull(context.user()).require("tokenIdentifier")),
                    FunctionDefinition.query("m:count", Visibility.PUBLIC, Validator.object(),
                            (db, _) -> ConvexValue.number((double) db.count("things")))))
            .start();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        deployment.close();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(deployment.url() + path));
    }

    private HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return send(to(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
            "Convex local|secret; 200; success",
            "convex prod:local|secret; 200; success",
            "Convex local|secret:eyJpc3N1ZXIiOiJpIiwic3ViamVjdCI6InMifQ==; 200; success",
            "Convex local|secret:e30=; 400; HeaderParseFailure",
            "Convex local|wrong; 401; BadAdminKey",
            "Convex local|secret:*; 400; HeaderParseFailure",
            "short; 400; InvalidHeaderFailure",
            "Digest abcdefg; 400; InvalidAdminKey",
            "Bearer a.b.c; 401; NoAuthProvider",
    })
    void tellsKeysApart(String header, int status, String expected) throws Exception {
        HttpResponse<String> response = send(to("/api/check_admin_key").header("Authorization", header));

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(expected).doesNotContain("secret");
    }

    @Test
    void anAdminRouteWithoutAKeyIsForbidden() throws Exception {
        assertThat(send(to("/api/check_admin_key")).statusCode()).isEqualTo(403);
        assertThat(send(to("/api/check_admin_key?adminKey=local%7Csecret")).statusCode()).isEqualTo(200);
        assertThat(post("/api/function", "{\"path\":\"m:default\",\"args\":{}}").body()).contains("BadDeployKey");
    }

    @Test
    void saysWhoItIs() throws Exception {
        assertThat(send(to("/instance_name")).body()).isEqualTo("local");
        assertThat(send(to("/version")).statusCode()).isEqualTo(200);
        assertThat(send(to("/")).body()).startsWith("This Convex deployment is running.");
        assertThat(post("/echo", "{\"a\":1}").body()).isEqualTo("{\"a\":1}");
        assertThat(send(to("/nothing")).statusCode()).isEqualTo(404);
        assertThat(post("/api/run_test_function", "{}").body()).contains("TestFunctionsUnsupported");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "json | {\"big\":\"5\",\"bytes\":\"AQI=\",\"five\":5.0,\"nan\":\"NaN\"}",
            "convex_encoded_json | {\"big\":{\"$integer\":\"BQAAAAAAAAA=\"},\"bytes\":{\"$bytes\":\"AQI=\"},\"five\":5.0,\"nan\":{\"$float\":\"AAAAAAAA+H8=\"}}",
            "export_json | {\"big\":5,\"bytes\":{\"$bytes\":\"AQI=\"},\"five\":5.0,\"nan\":{\"$float\":\"AAAAAAAA+H8=\"}}",
    })
    void answersInEveryFormat(String format, String value) throws Exception {
        HttpResponse<String> response = post("/api/query",
                "{\"path\":\"dir/m:odd\",\"args\":{},\"format\":\"%s\"}".formatted(format));

        assertThat(response.body()).isEqualTo("{\"status\":\"success\",\"value\":%s}".formatted(value));
    }

    @Test
    void findsFunctionsInEveryWayThatTheyAreWritten() throws Exception {
        for (String path : List.of("m:default", "m", "m.js:default", "m.js")) {
            assertThat(post("/api/query", "{\"path\":\"%s\",\"args\":{}}".formatted(path)).body())
                    .contains("\"default\"");
        }
        assertThat(post("/api/query", "{\"path\":\"m\",\"args\":[{}]}").body()).contains("\"default\"");
        assertThat(send(to("/api/query?path=m&args=%7B%7D")).body()).contains("\"default\"");
        assertThat(post("/api/run/dir/m/odd", "{\"args\":{}}").body()).contains("\"success\"");
        assertThat(post("/api/run/odd", "{\"args\":{}}").body()).contains("MissingIdentifier");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{\"path\":\"m\"}                                | 400 | BadJsonBody",
            "{\"args\":{}}                                   | 400 | BadJsonBody",
            "{\"path\":5,\"args\":{}}                        | 400 | BadJsonBody",
            "not json                                        | 400 | BadJsonBody",
            "[]                                              | 400 | BadJsonBody",
            "{\"path\":\":\",\"args\":{}}                    | 400 | BadConvexFunctionIdentifier",
            "{\"path\":\"m\",\"args\":{},\"format\":\"x\"}   | 400 | BadFormat",
            "{\"path\":\"m\",\"args\":{\"a\":1}}             | 200 | ArgumentValidationError",
            "{\"path\":\"m\",\"args\":5}                     | 200 | Invalid arguments",
            "{\"path\":\"gone\",\"args\":{}}                 | 200 | Could not find public function for 'gone'",
    })
    void saysWhatIsWrongWithACall(String body, int status, String expected) throws Exception {
        HttpResponse<String> response = post("/api/query", body);

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(expected);
    }

    @Test
    void wantsJsonToBeCalledJson() throws Exception {
        HttpResponse<String> response = send(to("/api/query").POST(BodyPublishers.ofString("{}")));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("BadJsonBody");
    }

    @Test
    void refusesABodyThatIsTooLarge() throws Exception {
        String body = "{\"path\":\"m\",\"args\":{\"x\":\"%s\"}}".formatted("x".repeat((16 << 20) + 2000));

        assertThat(post("/api/query", body).body()).contains("BadJsonBody").contains("length limit");
    }

    @Test
    void aMutationWithABadFormatIsCommittedAndThenRefused() throws Exception {
        assertThat(post("/api/mutation", "{\"path\":\"m:add\",\"args\":{},\"format\":\"x\"}").statusCode())
                .isEqualTo(400);

        assertThat(post("/api/query", "{\"path\":\"m:count\",\"args\":{}}").body()).contains("\"value\":1.0");
    }

    @Test
    void aBatchIsAnsweredAtOneTime() throws Exception {
        HttpResponse<String> response = post("/api/query_batch",
                "{\"queries\":[{\"path\":\"m\",\"args\":{}},{\"path\":\"gone\",\"args\":{}}]}");

        assertThat(response.body())
                .startsWith("{\"results\":[{\"status\":\"success\",\"value\":\"default\"},{\"status\":\"error\"");
    }

    @Test
    void aTimeThatWasNeverGivenOutCanNotBeReadAt() throws Exception {
        assertThat(post("/api/query_at_ts", "{\"path\":\"m\",\"args\":{},\"ts\":\"AQAAAAAAAAA=\"}").statusCode())
                .isEqualTo(503);
        assertThat(post("/api/query_at_ts", "{\"path\":\"m\",\"args\":{},\"ts\":\"/////////38=\"}").statusCode())
                .isEqualTo(500);
        assertThat(post("/api/query_at_ts", "{\"path\":\"m\",\"args\":{},\"ts\":\"x\"}").statusCode()).isEqualTo(400);
    }

    @Test
    void pagesOfEveryOriginMayCall() throws Exception {
        HttpResponse<String> preflight = send(to("/api/mutation").method("OPTIONS", BodyPublishers.noBody())
                .header("Access-Control-Request-Headers", "authorization,content-type"));
        HttpResponse<String> refused = post("/api/query", "no json");

        assertThat(preflight.statusCode()).isEqualTo(200);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Methods"))
                .contains("GET,POST,OPTIONS,PATCH,DELETE,PUT");
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers"))
                .contains("authorization,content-type");
        assertThat(preflight.headers().firstValue("Access-Control-Max-Age")).contains("86400");
        assertThat(refused.headers().firstValue("Access-Control-Allow-Credentials")).contains("true");
    }

    @Test
    void aHeadRequestIsAGetWithoutABody() throws Exception {
        HttpResponse<String> head = send(to("/instance_name").method("HEAD", BodyPublishers.noBody()));

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    private HttpResponse<String> postAs(String authorization, String path, String json) throws Exception {
        return send(to(path).header("Content-Type", "application/json").header("Authorization", authorization)
                .POST(BodyPublishers.ofString(json)));
    }

    /** As {@code npx convex run --identity} does. */
    @Test
    void theHolderOfTheKeyCallsFunctionsAsAUser() throws Exception {
        String acting = "Convex local|secret:" + Base64.getEncoder()
                .encodeToString("{\"issuer\":\"i\",\"subject\":\"s\"}".getBytes(StandardCharsets.UTF_8));
        String internal = "{\"path\":\"m:internal\",\"args\":{}}";

        assertThat(postAs(acting, "/api/function", "{\"path\":\"m:who\",\"args\":{}}").body()).contains("\"i|s\"");
        assertThat(postAs(acting, "/api/function", internal).body())
                .contains("Could not find function for 'm:internal'. Did you forget to run `npx convex dev`?");
        assertThat(postAs(acting, "/api/query", internal).body()).contains("\"internal\"");
        assertThat(postAs(acting, "/api/query",
                "{\"path\":\"_system/cli/tables\",\"args\":{\"paginationOpts\":{\"numItems\":1,\"cursor\":null}}}")
                .body())
                .contains("Operation query not permitted");
        assertThat(postAs("Convex local|secret", "/api/function", internal).body()).contains("\"internal\"");
        assertThat(postAs("Convex local|secret", "/api/function",
                "{\"componentPath\":\"c\",\"path\":\"m:internal\",\"args\":{}}").body())
                .contains("Could not find function for 'm:internal' in 'c'.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
            "npm-1.48.0; 200; {\"big\":\"5\"; none",
            "npm-cli-1.48.0; 200; {\"big\":\"5\"; none",
            "npm-1.4.1; 200; {\"big\":\"5\"; none",
            "npm-1.4.1-alpha.1; 200; {\"big\":{\"$integer\"; none",
            "npm-1.4.0; 200; {\"big\":{\"$integer\"; none",
            "actions-0.20.0; 200; {\"big\":{\"$integer\"; none",
            "python-0.5.0; 200; {\"big\":\"5\"; none",
            "python-convex-0.4.0; 200; {\"big\":{\"$integer\"; none",
            "python-0.2.0; 200; {\"big\":{\"$integer\"; UpgradeRequired",
            "python-0.0.2; 400; ClientVersionUnsupported; Unsupported",
            "rust-0.0.1; 400; ClientVersionUnsupported; Unsupported",
            "npm-0.19.1; 400; ClientVersionUnsupported; Unsupported",
            "npm-head; 400; ClientVersionUnsupported; Unsupported",
            "java-0.1.0; 200; {\"big\":\"5\"; none",
            "some-client-of-mine; 200; {\"big\":\"5\"; none",
            "nodash; 400; InvalidClientVersion; none",
    })
    void whatAClientGetsDependsOnItsVersion(String client, int status, String expected, String deprecation)
            throws Exception {
        HttpResponse<String> response = send(to("/api/query").header("Content-Type", "application/json")
                .header("Convex-Client", client).POST(BodyPublishers.ofString("{\"path\":\"dir/m:odd\",\"args\":{}}")));

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(expected);
        assertThat(response.headers().firstValue("x-convex-deprecation-state").orElse("none")).isEqualTo(deprecation);
        assertThat(response.headers().firstValue("x-convex-deprecation-message").isPresent())
                .isEqualTo(!deprecation.equals("none"));
    }

    @Test
    void oldClientsGetTheReadableFormatFromRun() throws Exception {
        HttpResponse<String> response = send(to("/api/run/dir/m/odd").header("Content-Type", "application/json")
                .header("Convex-Client", "npm-1.0.0").POST(BodyPublishers.ofString("{\"args\":{}}")));

        assertThat(response.body()).contains("{\"big\":\"5\"");
    }

    @ParameterizedTest
    @CsvSource({"/api/sync, WebSocketUpgradeRequired", "/api/1.48.0/sync, WebSocketUpgradeRequired",
            "/api/new/sync, InvalidClientVersion", "/api/0.19.0/sync, ClientVersionUnsupported"})
    void theSocketsPathWantsAWebsocketOfAClientThatIsSupported(String path, String code) throws Exception {
        HttpResponse<String> response = send(to(path));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains(code);
    }

    @Test
    void aSlashTooManyIsForgiven() throws Exception {
        assertThat(post("//api/query", "{\"path\":\"m\",\"args\":{}}").body()).contains("\"default\"");
    }
}
