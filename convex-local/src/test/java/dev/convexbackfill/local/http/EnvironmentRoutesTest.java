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

import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.schema.Validator;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentRoutesTest {

    private final LocalDeployment deployment = LocalDeployment.builder()
            .functions(List.of(new FunctionDefinition("m:env", FunctionKind.QUERY, Visibility.PUBLIC,
                    Validator.object(), Validator.ANY,
                    (context, _) -> ConvexValue.of(String.join(",", context.environment().keySet())))))
            .start();
    private final TestClient client = new TestClient(deployment);

    @AfterEach
    void close() {
        client.close();
        deployment.close();
    }

    private HttpResponse<String> update(String changes) {
        return client.post(client.asAdmin("/api/update_environment_variables"),
                "{\"changes\":[%s]}".formatted(changes));
    }

    private String list() {
        return client.send(client.asAdmin("/api/list_environment_variables")).body();
    }

    private String systemQuery(String path, String args) {
        return client.post(client.asAdmin("/api/query"), "{\"path\":\"%s\",\"args\":%s}".formatted(path, args)).body();
    }

    @Test
    void variablesAreSetListedReadByFunctionsAndRemoved() {
        assertThat(update("{\"name\":\"B\",\"value\":\"2\"},{\"name\":\"A\",\"value\":\"1\"}").statusCode())
                .isEqualTo(200);

        assertThat(list()).isEqualTo("{\"environmentVariables\":{\"A\":\"1\",\"B\":\"2\"}}");
        assertThat(client.call("query", "m:env").body()).contains("\"A,B,CONVEX_CLOUD_URL\"");
        assertThat(update("{\"name\":\"A\",\"value\":null},{\"name\":\"B\",\"value\":\"3\"},{\"name\":\"X\"}").body())
                .isEmpty();
        assertThat(list()).isEqualTo("{\"environmentVariables\":{\"B\":\"3\"}}");
    }

    @Test
    void theSystemsFunctionsReadThemToo() {
        assertThat(systemQuery("_system/cli/queryEnvironmentVariables", "{}")).contains("\"value\":[]");
        update("{\"name\":\"B\",\"value\":\"2\"},{\"name\":\"A\",\"value\":\"1\"}");

        assertThat(systemQuery("_system/cli/queryEnvironmentVariables", "{}"))
                .containsSubsequence("\"_creationTime\"", "\"_id\"", "\"name\":\"A\"", "\"value\":\"1\"",
                        "\"name\":\"B\"", "\"value\":\"2\"");
        assertThat(systemQuery("_system/cli/queryEnvironmentVariables:get", "{\"name\":\"B\"}"))
                .contains("\"value\":{\"name\":\"B\",\"value\":\"2\"}");
        assertThat(systemQuery("_system/cli/queryEnvironmentVariables:get", "{\"name\":\"C\"}"))
                .contains("\"value\":null");
        assertThat(systemQuery("_system/cli/queryEnvironmentVariables:get", "{\"name\":\"CONVEX_CLOUD_URL\"}"))
                .contains(deployment.url().toString());
    }

    @Test
    void theSystemsFunctionsTellWhereTheDeploymentServes() {
        for (String path : List.of("_system/cli/convexUrl:cloudUrl", "_system/frontend/convexCloudUrl")) {
            assertThat(systemQuery(path, "{}")).contains("\"value\":\"%s\"".formatted(deployment.url()));
        }
    }

    @Test
    void nobodyReadsOrSetsThemWithoutTheKey() {
        assertThat(client.send(client.to("/api/list_environment_variables")).statusCode()).isEqualTo(403);
        assertThat(client.post(client.to("/api/update_environment_variables"), "{\"changes\":[]}").statusCode())
                .isEqualTo(403);
        assertThat(client.call("query", "_system/cli/queryEnvironmentVariables").body())
                .contains("Operation query not permitted");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{\"name\":\"1A\",\"value\":\"secret\"}               | EnvironmentVariableNameInvalid",
            "{\"name\":\"\",\"value\":\"secret\"}                 | EnvironmentVariableNameInvalid",
            "{\"name\":\"A-B\",\"value\":\"secret\"}              | EnvironmentVariableNameInvalid",
            "{\"name\":\"CONVEX_CLOUD_URL\",\"value\":\"secret\"} | EnvVarNameForbidden",
            "{\"name\":\"A\",\"value\":5}                         | BadJsonBody",
            "{\"value\":\"secret\"}                               | BadJsonBody",
            "7                                                    | BadJsonBody",
    })
    void saysWhatIsWrongAndChangesNothing(String change, String code) {
        HttpResponse<String> response = update("{\"name\":\"GOOD\",\"value\":\"x\"}," + change);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains(code).doesNotContain("secret");
        assertThat(list()).isEqualTo("{\"environmentVariables\":{}}");
    }

    @Test
    void namesValuesAndTheirSumAreLimited() {
        assertThat(update(variable("A".repeat(256), 8 << 10)).statusCode()).isEqualTo(200);
        assertThat(update(variable("A".repeat(257), 1)).body()).contains("EnvironmentVariableNameTooLong");
        assertThat(update(variable("A", (8 << 10) + 1)).body()).contains("EnvironmentVariableValueTooLarge");
        assertThat(update(variables(512, 1)).body()).contains("EnvVarLimitMet");
        assertThat(update(variables(64, 8 << 10)).body()).contains("EnvVarTotalSizeLimitMet");
        assertThat(update(variables(511, 1)).statusCode()).isEqualTo(200);
    }

    private static String variables(int count, int length) {
        return IntStream.range(0, count).mapToObj(i -> variable("V" + i, length)).collect(Collectors.joining(","));
    }

    private static String variable(String name, int length) {
        return "{\"name\":\"%s\",\"value\":\"%s\"}".formatted(name, "x".repeat(length));
    }
}
