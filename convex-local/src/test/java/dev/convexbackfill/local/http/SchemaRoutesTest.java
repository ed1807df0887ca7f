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

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.store.SchemaPush;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchemaRoutesTest {

    private static final String SCHEMA = """
            {"schemaValidation":true,"tables":[{"tableName":"users",
             "indexes":[{"indexDescriptor":"by_n","fields":["n"]}],
             "stagedDbIndexes":[{"indexDescriptor":"by_name","fields":["name","n"]}],
             "searchIndexes":[{"indexDescriptor":"s","searchField":"name","filterFields":["n"]}],
             "vectorIndexes":[{"indexDescriptor":"v","vectorField":"emb","dimensions":3,"filterFields":[]}],
             "documentType":{"type":"object","value":{
              "n":{"fieldType":{"type":"number"},"optional":false},
              "name":{"fieldType":{"type":"string"},"optional":true},
              "friend":{"fieldType":{"type":"id","tableName":"friends"},"optional":true},
              "emb":{"fieldType":{"type":"array","value":{"type":"number"}},"optional":true}}}}]}""";

    private final LocalDeployment deployment = LocalDeployment.builder().start();
    private final ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();
    private final HttpClient http = HttpClient.newHttpClient();
    private String schemaId = "";

    @BeforeEach
    void pushSchema() {
        deployment.load("users", IntStream.range(0, 25).mapToObj(i -> {
            ConvexObject user = ConvexObject.of("n", ConvexValue.number(i));
            return i % 5 == 0 ? user.with("name", ConvexValue.of("name " + i)) : user;
        }));
        deployment.load("empty", IntStream.range(0, 0).mapToObj(_ -> ConvexObject.EMPTY));
        SchemaPush.Outcome outcome = deployment.pushSchema(SCHEMA);
        assertThat(outcome).isInstanceOf(SchemaPush.Outcome.Active.class);
        schemaId = outcome.schemaId();
    }

    @AfterEach
    void close() {
        http.close();
        client.close();
        deployment.close();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.header("Authorization", "Convex " + deployment.adminKey().value()).build(),
                BodyHandlers.ofString());
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(deployment.url() + path));
    }

    private ConvexObject get(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = send(to(path));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return ConvexJson.decodeObject(response.body().getBytes(StandardCharsets.UTF_8));
    }

    private ConvexValue call(String function, ConvexObject args) {
        String path = "_system/frontend/" + function + (function.contains(":") ? "" : ":default");
        return client.query(new FunctionPath(path), args, CallOptions.DEFAULT).value();
    }

    private static final String INDEXES = """
            [{"table":"users","name":"by_n","fields":["n","_creationTime"],"backfill":{"state":"done"},"staged":false},\
            {"table":"users","name":"by_name","fields":["name","n","_creationTime"],"backfill":{"state":"done"},\
            "staged":true},\
            {"table":"users","name":"s","fields":{"searchField":"name","filterFields":["n"]},\
            "backfill":{"state":"done"},"staged":false},\
            {"table":"users","name":"v","fields":{"dimensions":3,"vectorField":"emb","filterFields":[]},\
            "backfill":{"state":"done"},"staged":false}]""";

    @Test
    void tellsIndexesAndWhatBecameOfASchema() throws Exception {
        assertThat(send(to("/api/get_indexes")).body()).isEqualTo("{\"indexes\":" + INDEXES + "}");
        assertThat(send(to("/api/schema_state/" + schemaId)).body())
                .isEqualTo("{\"indexes\":" + INDEXES + ",\"schemaState\":{\"state\":\"active\"}}");
        assertThat(send(to("/api/schema_state/nothing")).body()).contains("SchemaNotFound");
        assertThat(http.send(to("/api/get_indexes").build(), BodyHandlers.ofString()).statusCode()).isEqualTo(403);

        SchemaPush.Outcome failed = deployment.pushSchema(SCHEMA.replace("\"number\"", "\"string\""));
        ConvexObject state = get("/api/schema_state/" + failed.schemaId()).object("schemaState");
        assertThat(state.string("state")).isEqualTo("failed");
        assertThat(state.string("tableName")).isEqualTo("users");
        assertThat(state.string("error")).startsWith("Document with ID ");
    }

    @Test
    void systemFunctionsTellSchemasAndIndexes() {
        ConvexObject schemas = (ConvexObject) call("getSchemas", ConvexObject.EMPTY);
        assertThat(schemas.names()).containsExactly("active");
        assertThat(schemas.string("active")).contains("\"fields\":[\"n\",\"_creationTime\"]");
        assertThat(call("getSchemas:schemaValidationProgress", ConvexObject.EMPTY)).isEqualTo(ConvexNull.NULL);

        ConvexArray indexes = (ConvexArray) call("indexes", ConvexObject.of("tableName", ConvexValue.of("users"),
                "tableNamespace", ConvexNull.NULL));
        assertThat(ConvexJson.encodeToString(indexes)).isEqualTo(
                """
                        [{"backfill":{"state":"done"},"fields":["n","_creationTime"],"name":"by_n","staged":false},\
                        {"backfill":{"state":"backfilled"},"fields":["name","n","_creationTime"],"name":"by_name","staged":true},\
                        {"backfill":{"state":"done"},"fields":{"filterFields":["n"],"searchField":"name"},"name":"s",\
                        "staged":false},\
                        {"backfill":{"state":"done"},"fields":{"dimensions":3.0,"filterFields":[],"vectorField":"emb"},\
                        "name":"v","staged":false}]""");
        assertThat(call("indexes", ConvexObject.of("tableName", ConvexValue.of("gone"), "tableNamespace",
                ConvexNull.NULL))).isEqualTo(ConvexNull.NULL);
        assertThat(call("components:list", ConvexObject.EMPTY)).isEqualTo(ConvexValue.array());
        assertThat(call("getVersion", ConvexObject.EMPTY)).isEqualTo(ConvexNull.NULL);
        assertThat(call("deploymentState:deploymentState", ConvexObject.EMPTY))
                .isEqualTo(ConvexObject.of("state", ConvexValue.of("running")));
    }

    @Test
    void systemFunctionsShowDocuments() {
        assertThat(call("tableSize", ConvexObject.of("tableName", ConvexValue.of("users"))))
                .isEqualTo(ConvexValue.number(25));
        assertThat(call("tableSize:sizeOfAllTables", ConvexObject.EMPTY)).isEqualTo(ConvexValue.number(25));

        ConvexArray newest = (ConvexArray) call("listTableScan",
                ConvexObject.of("table", ConvexValue.of("users"), "limit", ConvexValue.number(2)));
        assertThat(newest.values()).extracting(user -> ((ConvexObject) user).number("n")).containsExactly(24.0, 23.0);

        ConvexValue id = ((ConvexObject) newest.get(0)).require("_id");
        ConvexArray byId = (ConvexArray) call("listById", ConvexObject.of("ids", ConvexValue.array(
                ConvexObject.of("id", id, "tableName", ConvexValue.of("users")),
                ConvexObject.of("id", id, "tableName", ConvexValue.of("empty")),
                ConvexObject.of("id", ConvexValue.of("no id"), "tableName", ConvexValue.of("users")))));
        assertThat(byId.values()).containsExactly(newest.get(0), ConvexNull.NULL, ConvexNull.NULL);
    }

    private ConvexObject page(ConvexValue filters, int numItems) {
        return (ConvexObject) call("paginatedTableDocuments", ConvexObject.builder().put("table", "users")
                .put("filters", filters).put("paginationOpts", ConvexObject.of("numItems", ConvexValue.number(numItems),
                        "cursor", ConvexNull.NULL))
                .build());
    }

    private double[] numbers(String filters) {
        ConvexValue encoded = ConvexValue.of(Base64.getEncoder().encodeToString(filters.replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8)));
        return page(encoded, 100).array("page").values().stream()
                .mapToDouble(user -> ((ConvexObject) user).number("n")).toArray();
    }

    @Test
    void documentsCanBeFiltered() {
        ConvexObject first = page(ConvexNull.NULL, 10);
        assertThat(first.array("page").values()).hasSize(10);
        assertThat(((ConvexObject) first.array("page").get(0)).number("n")).isEqualTo(24);
        assertThat(first.bool("isDone")).isFalse();

        assertThat(numbers("{'clauses':[{'op':'gte','field':'n','value':23}]}")).containsExactly(24, 23);
        assertThat(numbers("{'clauses':[{'op':'lt','field':'n','value':2},"
                + "{'op':'eq','field':'n','value':9,'enabled':false}],'order':'asc'}")).containsExactly(0, 1);
        assertThat(numbers("{'clauses':[{'op':'anyOf','field':'n','value':[3,7]}]}")).containsExactly(7, 3);
        assertThat(numbers("{'clauses':[{'op':'type','field':'name','value':'string'}]}"))
                .containsExactly(20, 15, 10, 5, 0);
        assertThat(numbers("{'clauses':[{'op':'notype','field':'name','value':'unset'},"
                + "{'op':'neq','field':'name','value':'name 5'}]}")).containsExactly(20, 15, 10, 0);
    }

    @Test
    void tellsWhatDocumentsLookLike() throws Exception {
        assertThat(send(to("/api/get_table_column_names")).body().replaceAll("\\s", ""))
                .contains("\"byComponent\":{\"\":[");
        assertThat(get("/api/get_table_column_names").object("byComponent").array("").values().stream()
                .map(table -> ((ConvexObject) table).string("name") + ((ConvexObject) table).array("columns").size()))
                .containsExactly("empty2", "users4");
        assertThat(get("/api/shapes2").object("empty")).isEqualTo(ConvexObject.of("type", ConvexValue.of("Never")));
        assertThat(ConvexJson.encodeToString(get("/api/shapes2").object("users"))).isEqualTo(
                """
                        {"fields":[\
                        {"fieldName":"_creationTime","optional":false,"shape":{"float64Range":{"hasSpecialValues":false},\
                        "type":"Float64"}},\
                        {"fieldName":"_id","optional":false,"shape":{"tableName":"users","type":"Id"}},\
                        {"fieldName":"n","optional":false,"shape":{"float64Range":{"hasSpecialValues":false},"type":"Float64"}},\
                        {"fieldName":"name","optional":true,"shape":{"type":"String"}}],"type":"Object"}""");

        String schemas = send(to("/api/json_schemas?deltaSchema=true&format=convex_encoded_json")).body();
        assertThat(schemas).contains("\"_ts\":{\"type\":\"integer\"}", "\"required\":[\"_creationTime\",\"_id\",\"n\"]",
                "\"$schema\":\"http://json-schema.org/draft-07/schema#\"", "\"additionalProperties\":false",
                "\"Id(users)\"");
        assertThat(send(to("/api/json_schemas?byComponent=true")).body()).startsWith("{\"\":{\"empty\":");
    }

    private HttpResponse<String> delete(String table) throws Exception {
        return send(to("/api/delete_tables").header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"tableNames\":[\"%s\"]}".formatted(table))));
    }

    @Test
    void deletesTablesThatTheSchemaDoesNotName() throws Exception {
        deployment.load("friends", IntStream.range(0, 3).mapToObj(_ -> ConvexObject.EMPTY));

        assertThat(delete("empty").statusCode()).isEqualTo(200);
        assertThat(deployment.hasTable("empty")).isFalse();
        assertThat(delete("gone").statusCode()).isEqualTo(200);
        assertThat(delete("users").body()).isEqualTo("{\"code\":\"SchemaEnforcementError\",\"message\":"
                + "\"Failed to delete table \\\"users\\\" because it appears in the schema\"}");
        assertThat(delete("friends").body()).contains("because `v.id(\\\"friends\\\")` appears in the schema of table");
        assertThat(deployment.hasTable("friends")).isTrue();
        assertThat(delete("no name").statusCode()).isEqualTo(400);
    }
}
