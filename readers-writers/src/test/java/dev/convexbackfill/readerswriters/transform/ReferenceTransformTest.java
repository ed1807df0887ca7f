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
package dev.convexbackfill.readerswriters.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.repository.TestRepository;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Failed;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Patch;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Unchanged;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class ReferenceTransformTest {

    private static final int MAPPED = 2500;

    @TempDir
    private Path folder;

    private static Plan plan(String step) {
        return PlanParser.parse("plan.yaml",
                "apiVersion: backfill/v1\nname: x\ntable: t\ntransform:\n  - " + step + "\n");
    }

    private static ConvexObject document(String json) {
        return ((ConvexObject) ConvexJson.decode(json)).with("_id", ConvexValue.of("id"));
    }

    private static String outcome(TransformChain chain, String json) {
        return switch (chain.transform(document(json))) {
            case Unchanged _ -> "unchanged";
            case Failed(String _, String message, String _) -> message;
            case Patch patch -> ConvexJson.encodeToString(patch.expect()) + " -> "
                    + ConvexJson.encodeToString(patch.set());
            case DocumentOutcome.Gone other -> throw new AssertionError(other);
            case DocumentOutcome.Change other -> throw new AssertionError(other);
            case DocumentOutcome.Kept kept -> throw new AssertionError(kept);
            case DocumentOutcome.Call other -> throw new AssertionError(other);
        };
    }

    @ParameterizedTest
    @EnumSource
    void oldIdsBecomeTheNewIdsOfTheRun(TestDatabase.Kind kind) {
        try (TestRepository repository = TestRepository.create(kind, folder)) {
            JdbcClient jdbc = JdbcClient.create(repository.dataSource());
            TransactionTemplate transactions = new TransactionTemplate(
                    new JdbcTransactionManager(repository.dataSource()));
            for (int n = 0; n < MAPPED; n++) {
                jdbc.sql("insert into backfill_id_mapping (run_name, source_id, target_id) values ('copy', ?, ?)")
                        .params("old" + n, "new" + n).update();
            }
            jdbc.sql("insert into backfill_id_mapping (run_name, source_id, target_id) values ('other', 'x', 'y')")
                    .update();
            ReferenceTransforms references = new ReferenceTransforms(new IdMappingStore(jdbc), transactions, spec -> {
                throw new IllegalArgumentException();
            });
            TransformChain flat = TransformChain.of(plan("reference: { field: a, run: copy }"), references);
            TransformChain nested = TransformChain.of(plan("reference: { field: meta.author, run: copy }"), references);
            TransformChain kept = TransformChain.of(plan("reference: { field: a, run: copy, onError: keep }"),
                    references);
            TransformChain nulled = TransformChain
                    .of(plan("reference: { field: a, run: copy, onError: { default: null } }"), references);

            assertThat(outcome(flat, "{\"a\":\"old1\",\"b\":1}")).isEqualTo("{\"a\":\"old1\"} -> {\"a\":\"new1\"}");
            assertThat(outcome(nested, "{\"meta\":{\"author\":\"old2\",\"n\":1}}")).isEqualTo(
                    "{\"meta\":{\"author\":\"old2\",\"n\":1.0}} -> {\"meta\":{\"author\":\"new2\",\"n\":1.0}}");
            assertThat(outcome(flat, "{\"a\":[\"old3\",\"new4\",\"old5\",\"old3\"]}")).endsWith(
                    "{\"a\":[\"new3\",\"new4\",\"new5\",\"new3\"]}");
            for (String done : List.of("{}", "{\"a\":null}", "{\"a\":[]}", "{\"a\":\"new7\"}",
                    "{\"a\":[\"new7\",\"new8\"]}")) {
                assertThat(outcome(flat, done)).isEqualTo("unchanged");
            }
            assertThat(outcome(nested, "{\"meta\":5}")).isEqualTo("unchanged");
            String missing = "reference: the run 'copy' has inserted no document for 'x' in 'a'";
            assertThat(outcome(flat, "{\"a\":\"x\"}")).isEqualTo(missing);
            assertThat(outcome(flat, "{\"a\":[\"old1\",\"x\"]}")).isEqualTo(missing);
            assertThat(outcome(flat, "{\"a\":5}")).isEqualTo("reference: 'a' holds number and no id");
            assertThat(outcome(flat, "{\"a\":[null]}")).isEqualTo("reference: 'a' holds null and no id");
            assertThat(outcome(kept, "{\"a\":\"x\"}")).isEqualTo("unchanged");
            assertThat(outcome(nulled, "{\"a\":\"x\"}")).endsWith("-> {\"a\":null}");

            // more ids than one statement takes
            List<DocumentOutcome> all = flat.transform(IntStream.range(0, MAPPED)
                    .mapToObj(n -> document("{\"a\":\"old" + n + "\"}")).toList());
            assertThat(all).hasSize(MAPPED);
            for (int n = 0; n < MAPPED; n++) {
                assertThat(((Patch) all.get(n)).set().string("a")).isEqualTo("new" + n);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatARollbackHasNotGivenANewIdStaysAsItIs(TestDatabase.Kind kind) {
        try (TestRepository repository = TestRepository.create(kind, folder)) {
            JdbcClient jdbc = JdbcClient.create(repository.dataSource());
            for (String run : List.of("purge", "back")) {
                jdbc.sql(
                        """
                                insert into backfill_run (name, token, deployment_url, table_name, plan_text, plan_digest, write_mode, state,
                                  created_at, rollback_of)
                                values (:run, '', '', 't', '', '', 'delete', 'COMPLETED', current_timestamp, :of)""")
                        .param("run", run).param("of", run.equals("back") ? "purge" : null).update();
            }
            jdbc.sql("insert into backfill_id_mapping (run_name, source_id, target_id) values ('back', 'old', 'new')")
                    .update();
            ReferenceTransforms references = new ReferenceTransforms(new IdMappingStore(jdbc),
                    new TransactionTemplate(new JdbcTransactionManager(repository.dataSource())), spec -> {
                        throw new IllegalArgumentException();
                    });
            TransformChain chain = TransformChain.of(plan("reference: { field: a, run: back }"), references);

            assertThat(outcome(chain, "{\"a\":[\"old\",\"living\",null,7,{\"b\":\"old\"},\"new\"]}"))
                    .endsWith("-> {\"a\":[\"new\",\"living\",null,7.0,{\"b\":\"old\"},\"new\"]}");
            assertThat(outcome(chain, "{\"a\":\"old\"}")).endsWith("-> {\"a\":\"new\"}");
            for (String other : List.of("{\"a\":\"living\"}", "{\"a\":5}", "{\"a\":{\"old\":1}}", "{\"a\":[]}", "{}")) {
                assertThat(outcome(chain, other)).isEqualTo("unchanged");
            }
        }
    }

    @Test
    void withoutARepositoryThereIsNoChain() {
        assertThatThrownBy(() -> TransformChain.of(plan("reference: { field: a, run: copy }").steps()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no repository that knows the run 'copy'");
    }
}
