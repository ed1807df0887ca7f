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

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.admin.DeploymentSchema;
import dev.convexbackfill.client.admin.IndexDefinition;
import dev.convexbackfill.client.admin.IndexStatus;
import dev.convexbackfill.client.admin.SchemaDefinition;
import dev.convexbackfill.client.admin.TableDefinition;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.schema.DatabaseSchema;
import dev.convexbackfill.local.schema.Validator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeploymentAdminTest {

    private final LocalDeployment deployment = LocalDeployment.builder().instanceName("calm-otter-7").start();
    private final ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();
    private final DeploymentAdmin admin = new DeploymentAdmin(client, CallOptions.DEFAULT);

    @AfterEach
    void close() {
        client.close();
        deployment.close();
    }

    private static List<ConvexObject> numbered(int documents) {
        return IntStream.range(0, documents).mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n))).toList();
    }

    @Test
    void knowsTheDeployment() {
        admin.requireValidKey();
        assertThat(admin.instanceName()).isEqualTo("calm-otter-7");
        assertThat(admin.version()).isNotBlank();
    }

    @Test
    void aWrongKeyIsUnauthorizedAndNeverShown() {
        try (ConvexClient stranger = ConvexClient.builder(deployment.url()).deployKey(new DeployKey("other|hush"))
                .build()) {
            assertThatThrownBy(new DeploymentAdmin(stranger, CallOptions.DEFAULT)::requireValidKey)
                    .isInstanceOfSatisfying(ConvexException.class, refused -> {
                        assertThat(refused.category()).isEqualTo(FailureCategory.UNAUTHORIZED);
                        assertThat(refused.code()).isEqualTo("BadAdminKey");
                        assertThat(refused.toString()).doesNotContain("hush");
                    });
        }
    }

    @Test
    void listsTablesWithTheirNumbersAndSizes() {
        deployment.load("users", numbered(2500).stream());
        deployment.load("empty", numbered(0).stream());

        assertThat(admin.tableNumbers()).isEqualTo(Map.of("empty", 10002L, "users", 10001L));
        assertThat(admin.tableSize("users")).isEqualTo(2500);
        assertThat(admin.tableSize("empty")).isZero();
        assertThat(admin.tableSize("missing")).isZero();
    }

    @Test
    void listsTheFunctionsThatAreInstalled() {
        assertThat(admin.functions()).contains(FunctionPath.of("backfill", "apply"),
                FunctionPath.of("backfill", "info"));
    }

    @Test
    void pagesThroughDataAsTheCommandLineDoes() {
        deployment.load("users", numbered(250).stream());
        FunctionPath tableData = new FunctionPath("_system/cli/tableData:default");
        int seen = 0;
        ConvexValue cursor = ConvexNull.NULL;
        for (int page = 0; page < 3; page++) {
            ConvexObject options = ConvexObject.of("numItems", ConvexValue.number(100), "cursor", cursor);
            ConvexObject answer = (ConvexObject) client.query(tableData, ConvexObject.builder().put("table", "users")
                    .put("order", "desc").put("paginationOpts", options).build(), CallOptions.DEFAULT).value();
            ConvexObject first = (ConvexObject) answer.array("page").get(0);
            assertThat(first.number("n")).as("newest first").isEqualTo(249 - seen);
            seen += answer.array("page").size();
            cursor = answer.require("continueCursor");
            assertThat(answer.bool("isDone")).isEqualTo(page == 2);
        }
        assertThat(seen).isEqualTo(250);
    }

    @Test
    void aCursorOfAnotherQueryIsRefused() {
        deployment.load("users", numbered(20).stream());
        FunctionPath tableData = new FunctionPath("_system/cli/tableData:default");
        ConvexObject ascending = ConvexObject.builder().put("table", "users").put("order", "asc").put("paginationOpts",
                ConvexObject.of("numItems", ConvexValue.number(10), "cursor", ConvexNull.NULL)).build();
        ConvexValue cursor = ((ConvexObject) client.query(tableData, ascending, CallOptions.DEFAULT).value())
                .require("continueCursor");
        ConvexObject descending = ascending.with("order", ConvexValue.of("desc")).with("paginationOpts",
                ConvexObject.of("numItems", ConvexValue.number(10), "cursor", cursor));

        assertThatThrownBy(() -> client.query(tableData, descending, CallOptions.DEFAULT))
                .isInstanceOfSatisfying(ConvexException.class, refused -> assertThat(refused.data()).isEqualTo(
                        ConvexObject.of("isConvexSystemError", ConvexValue.of(true), "paginationError",
                                ConvexValue.of("InvalidCursor"))));
    }

    private static String schema(String type) {
        return """
                {"schemaValidation":true,"tables":[{"tableName":"users",
                 "indexes":[{"indexDescriptor":"by_n","fields":["n"]}],
                 "stagedDbIndexes":[{"indexDescriptor":"by_name","fields":["name","n"]}],
                 "searchIndexes":[{"indexDescriptor":"s","searchField":"name","filterFields":[]}],
                 "documentType":{"type":"object","value":{"n":{"fieldType":{"type":"%s"},"optional":false},
                  "name":{"fieldType":{"type":"string"},"optional":true}}}},
                 {"tableName":"free","indexes":[],"documentType":null}]}""".formatted(type);
    }

    @Test
    void readsSchemasIndexesAndColumns() {
        assertThat(admin.schema()).isEqualTo(new DeploymentSchema(null, null));
        deployment.load("users", numbered(3).stream());
        deployment.pushSchema(schema("number"));
        deployment.schemas().prepare(DatabaseSchema.fromExport(schema("any")));

        SchemaDefinition active = admin.schema().active();
        assertThat(active).isNotNull();
        assertThat(active.validated()).isTrue();
        assertThat(active.tables()).containsOnlyKeys("free", "users");
        assertThat(active.tables().get("free")).isEqualTo(new TableDefinition("free", List.of(), null));
        TableDefinition users = requireNonNull(active.tables().get("users"));
        assertThat(users.indexes()).containsExactly(
                new IndexDefinition("by_n", List.of("n", "_creationTime"), false),
                new IndexDefinition("by_name", List.of("name", "n", "_creationTime"), true));
        assertThat(users.documentType()).isEqualTo(Validator.object()
                .field("n", Validator.NUMBER).optional("name", Validator.STRING).toJson());
        SchemaDefinition inProgress = admin.schema().inProgress();
        assertThat(inProgress).isNotNull();
        assertThat(requireNonNull(inProgress.tables().get("users")).documentType()).isEqualTo(Validator.object()
                .field("n", Validator.ANY).optional("name", Validator.STRING).toJson());
        assertThat(admin.indexes()).containsExactly(
                new IndexStatus("users", "by_n", List.of("n", "_creationTime"), true, false),
                new IndexStatus("users", "by_name", List.of("name", "n", "_creationTime"), true, true));
        assertThat(admin.columns()).isEqualTo(Map.of("free", List.of("_creationTime", "_id"), "users",
                List.of("_creationTime", "_id", "n")));
    }
}
