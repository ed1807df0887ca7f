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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.schema.DatabaseSchema;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.SchemaPush.Outcome;
import dev.convexbackfill.local.store.SchemaState;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaPushTest {

    private static final String NUMBERS = schema("{'n':{'fieldType':{'type':'number'},'optional':false}}");
    private static final String STRINGS = schema("{'n':{'fieldType':{'type':'string'},'optional':false}}");

    @TempDir
    private Path directory;
    private LocalDeployment deployment = start(LocalDeployment.builder());

    private LocalDeployment start(LocalDeployment.Builder builder) {
        return builder.functions(TestFunctions.all()).start();
    }

    private static String schema(String fields) {
        return """
                {'schemaValidation':true,'tables':[{'tableName':'things','indexes':[
                {'indexDescriptor':'by_n','fields':['n']}],'documentType':{'type':'object','value':%s}}]}"""
                .formatted(fields).replace('\'', '"');
    }

    @AfterEach
    void close() {
        deployment.close();
    }

    private void insert(String table, ConvexValue n) {
        try (ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build()) {
            client.mutation(FunctionPath.of("test", "insert"), ConvexObject.of("table", ConvexValue.of(table),
                    "documents", ConvexValue.array(ConvexObject.of("n", n))), CallOptions.DEFAULT);
        }
    }

    private SchemaState state(String schemaId) {
        return deployment.schemas().status(schemaId).orElseThrow().schema().state();
    }

    @Test
    void anActiveSchemaRefusesWhatDoesNotFitAndLeavesOtherTablesAlone() {
        assertThat(deployment.pushSchema(NUMBERS)).isInstanceOf(Outcome.Active.class);
        assertThat(deployment.hasTable("things")).isTrue();

        insert("things", ConvexValue.number(1));
        insert("undeclared", ConvexValue.of("x"));
        assertThatThrownBy(() -> insert("things", ConvexValue.of("x"))).isInstanceOf(ConvexException.class)
                .hasMessageContaining("""
                        Failed to insert or update a document in table "things" because it does not match the schema: \
                        Value does not match validator.
                        Path: .n
                        Value: "x"
                        Validator: v.float64()""");
    }

    @Test
    void aSchemaThatDocumentsDoNotFitFailsAndTheOldOneStays() {
        deployment.pushSchema(NUMBERS);
        insert("things", ConvexValue.number(1));

        assertThat(deployment.pushSchema(STRINGS)).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.table()).isEqualTo("things");
            assertThat(failed.error()).matches("""
                    Document with ID "[0-9a-z]+" in table "things" does not match the schema: \
                    Value does not match validator\\.
                    Path: \\.n
                    Value: 1\\.0
                    Validator: v\\.string\\(\\)""");
        });
        insert("things", ConvexValue.number(2));
        assertThatThrownBy(() -> insert("things", ConvexValue.of("x")))
                .hasMessageContaining("does not match the schema");
    }

    @Test
    void aWriteThatDoesNotFitASchemaInProgressSucceedsAndMakesItFail() {
        String pending = deployment.schemas().prepare(DatabaseSchema.fromExport(STRINGS)).schemaId();

        insert("things", ConvexValue.number(1));

        assertThat(state(pending)).isEqualTo(SchemaState.FAILED);
        assertThat(deployment.schemas().finish(pending)).isEqualTo(new Outcome.Failed(pending, """
                New document in table "things" does not match the schema: Value does not match validator.
                Path: .n
                Value: 1.0
                Validator: v.string()""", "things"));
    }

    @Test
    void aPushOverwritesTheOneBeforeAndTheSameOneAgainChangesNothing() {
        String first = deployment.schemas().prepare(DatabaseSchema.fromExport(STRINGS)).schemaId();
        assertThat(deployment.schemas().prepare(DatabaseSchema.fromExport(STRINGS)).schemaId()).isEqualTo(first);
        Outcome second = deployment.pushSchema(NUMBERS);

        assertThat(state(first)).isEqualTo(SchemaState.OVERWRITTEN);
        assertThat(deployment.schemas().finish(first)).isEqualTo(new Outcome.Overwritten(first));
        assertThat(deployment.pushSchema(NUMBERS)).isEqualTo(second);
        assertThat(state(second.schemaId())).isEqualTo(SchemaState.ACTIVE);
    }

    @Test
    void idsMustBeOfTheirTable() {
        deployment.load("users", Stream.of(ConvexObject.EMPTY));
        deployment.load("posts", Stream.of(ConvexObject.EMPTY));
        deployment.pushSchema(schema("{'n':{'fieldType':{'type':'id','tableName':'users'},'optional':false}}"));
        deployment.forEach("users", user -> insert("things", user.require("_id")));

        deployment.forEach("posts", post -> assertThatThrownBy(() -> insert("things", post.require("_id")))
                .hasMessageContaining("Found ID \"%s\" from table `posts`, which does not match the table name in"
                        .formatted(post.string("_id"))));
    }

    @Test
    void aSchemaOutlivesTheProcess() {
        deployment.close();
        deployment = start(LocalDeployment.builder().directory(directory));
        Outcome pushed = deployment.pushSchema(NUMBERS);
        insert("things", ConvexValue.number(1));
        deployment.close();

        deployment = start(LocalDeployment.builder().directory(directory));
        assertThat(state(pushed.schemaId())).isEqualTo(SchemaState.ACTIVE);
        assertThatThrownBy(() -> insert("things", ConvexValue.of("x")))
                .hasMessageContaining("does not match the schema");
        deployment.close();

        DocumentSchema other = new DocumentSchema(
                Map.of("things", Validator.object().field("n", Validator.STRING)));
        assertThatThrownBy(() -> LocalDeployment.builder().directory(directory).schema(other).start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("The documents do not fit the schema: ");
        deployment = start(LocalDeployment.builder().directory(directory).schema(
                new DocumentSchema(Map.of("things", Validator.object().field("n", Validator.NUMBER)))));
        insert("things", ConvexValue.number(2));
    }

    @Test
    void aValidationThatWasPushedBeforeAStopIsFinishedAfterIt() {
        deployment.close();
        deployment = start(LocalDeployment.builder().directory(directory));
        deployment.load("things", Stream.generate(() -> ConvexObject.of("n", ConvexValue.number(1))).limit(3000));
        String id = deployment.schemas().prepare(DatabaseSchema.fromExport(NUMBERS)).schemaId();
        deployment.close();

        deployment = start(LocalDeployment.builder().directory(directory));
        assertThat(deployment.pushSchema(NUMBERS)).isEqualTo(new Outcome.Active(id));
    }
}
