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
package dev.convexbackfill.job.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.rehearsal.RehearsalReport.FieldReport;
import dev.convexbackfill.job.rehearsal.RehearsalReport.Misfitting;
import dev.convexbackfill.job.rehearsal.RehearsalReport.SizedDocument;
import dev.convexbackfill.job.rehearsal.report.Colours;
import dev.convexbackfill.job.rehearsal.report.TextReport;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.schema.SchemaState;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RehearsalTest {

    private final LocalDeployment deployment = LocalDeployment.builder().start();
    private final ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    @AfterEach
    void close() {
        client.close();
        deployment.close();
    }

    private RehearsalReport rehearse(String steps, Scope scope, long seed) throws Exception {
        return rehearsePlan("transform:\n" + steps.indent(2), scope, seed);
    }

    private RehearsalReport rehearsePlan(String rest, Scope scope, long seed) throws Exception {
        Plan plan = PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: r
                table: users
                ranges: 3
                """ + rest);
        try (TransformChain chain = TransformChain.of(plan, spec -> {
            throw new AssertionError(spec);
        });
                Rehearsal rehearsal = new Rehearsal(plan, chain, client, new DeploymentCheck(client).check(plan),
                        BackfillSettings.DEFAULT, scope, seed, document -> {
                            assertThat(seen.add(document.id())).isTrue();
                        })) {
            rehearsal.read();
            return rehearsal.report();
        }
    }

    private void load(Stream<ConvexValue> values) {
        deployment.load("users", values.map(value -> ConvexObject.of("a", value)));
    }

    @Test
    void holdsEveryResultAgainstTheSchemaThatIsBeingDeployed() throws Exception {
        load(Stream.of(ConvexValue.of("1"), ConvexValue.of("2"), ConvexValue.number(3)));
        deployment.schemas().prepare(new DocumentSchema(Map.of("users", Validator.object().field("a",
                Validator.union(Validator.NUMBER, Validator.literal("1"), Validator.literal("2")))))
                .toDatabaseSchema());

        RehearsalReport report = rehearse("- set: { field: a, value: x, when: 'doc.a == \"2\"' }", new Scope.All(), 1);

        RehearsalReport.SchemaReport pending = report.findings().pendingSchema();
        assertThat(pending.state()).isEqualTo(SchemaState.CHECKED);
        assertThat(pending.changed()).isEqualTo(1);
        assertThat(pending.unchanged()).isZero();
        assertThat(pending.first()).singleElement().satisfies(misfit -> {
            assertThat(misfit.field()).isEqualTo("a");
            assertThat(misfit.found()).isEqualTo("\"x\"");
            assertThat(misfit.isChanged()).isTrue();
        });
        // it does not stop the run
        assertThat(report.findings().activeSchema().state()).isEqualTo(SchemaState.NONE);
        assertThat(report.findings().counts().changed()).isEqualTo(1);
        assertThat(report.findings().counts().quarantined()).isZero();
    }

    @Test
    void namesThePlaceInsideADocumentThatDoesNotFit() throws Exception {
        load(Stream.of(ConvexValue.array(ConvexValue.of("x"), ConvexValue.of("y"))));
        deployment.schemas().push(new DocumentSchema(Map.of("users", Validator.object().optional("a", Validator.ANY)
                .optional("p", Validator.object().field("list",
                        Validator.array(Validator.union(Validator.literal("x"), Validator.NUMBER))))))
                .toDatabaseSchema());

        RehearsalReport report = rehearse("- rename: { from: a, to: p.list }", new Scope.All(), 1);

        assertThat(report.findings().activeSchema().first()).extracting(Misfitting::field, Misfitting::expected,
                Misfitting::found)
                .containsExactly(tuple("p.list[1]",
                        "v.union(v.literal(\"x\"), v.float64())", "\"y\""));
        assertThat(report.findings().reasons()).singleElement().satisfies(group -> {
            assertThat(group.reason()).isEqualTo(Reason.REJECTED);
            assertThat(group.shape()).startsWith("the schema: 'p.list[]' must be");
        });
    }

    @Test
    void findsDocumentsThatWouldBeTooLarge() throws Exception {
        load(Stream.of(ConvexValue.of("x".repeat(600 << 10)), ConvexValue.of("small")));

        RehearsalReport report = rehearse("- copy: { from: a, to: b }", new Scope.All(), 1);

        assertThat(report.findings().tooLarge()).isEqualTo(1);
        assertThat(report.findings().largestAfter()).first().extracting(SizedDocument::bytes)
                .satisfies(bytes -> assertThat(bytes).isGreaterThan(1200L << 10));
        assertThat(report.findings().counts().quarantined()).isEqualTo(1);
        assertThat(report.findings().reasons()).singleElement()
                .satisfies(group -> assertThat(group.example()).isEqualTo(
                        "Value is too large (1.17 MiB > maximum size 1 MiB)"));
    }

    @Test
    void tellsWhatBecomesOfFieldsAlsoInsideObjects() throws Exception {
        load(Stream.of(ConvexValue.of("7"), ConvexValue.of("8"), ConvexValue.number(1)));

        RehearsalReport report = rehearse("- convert: { field: a, to: number, as: p.n }\n- drop: a", new Scope.All(),
                1);

        assertThat(report.findings().fields()).containsExactly(
                new FieldReport("a", 0, 3, 0, new TreeMap<>(Map.of("string", 2L, "number", 1L)),
                        new TreeMap<>(Map.of("missing", 3L))),
                new FieldReport("p", 3, 0, 0, new TreeMap<>(Map.of("missing", 3L)),
                        new TreeMap<>(Map.of("object", 3L))),
                new FieldReport("p.n", 3, 0, 0, new TreeMap<>(Map.of("missing", 3L)),
                        new TreeMap<>(Map.of("number", 3L))));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 150, 299})
    void aSampleHasSoManyDocumentsOfTheTableAndNoneTwice(int size) throws Exception {
        load(IntStream.range(0, 300).mapToObj(ConvexValue::number));

        RehearsalReport report = rehearse("- set: { field: b, value: 1 }", new Scope.Sample(size), 42);

        assertThat(seen).hasSize(size);
        assertThat(report.findings().counts().read()).isEqualTo(size);
        assertThat(report.isWhole()).isFalse();
        assertThat(report.estimate().documents()).isEqualTo(300);
        assertThat(report.estimate().changed()).isEqualTo(300);
    }

    @Test
    void samplesOfManySeedsReachTheWholeTable() throws Exception {
        load(IntStream.range(0, 24).mapToObj(ConvexValue::number));
        Set<String> reached = new HashSet<>();
        for (long seed = 0; reached.size() < 24; seed++) {
            // with 8 of 24 each, a document that is never drawn by a thousand seeds can't be drawn
            assertThat(seed).isLessThan(1000);
            seen.clear();
            rehearse("- set: { field: b, value: 1 }", new Scope.Sample(8), seed);
            reached.addAll(seen);
        }
    }

    @Test
    void aSampleThatIsNoSmallerThanTheTableIsTheTable() throws Exception {
        load(IntStream.range(0, 30).mapToObj(ConvexValue::number));

        RehearsalReport report = rehearse("- set: { field: b, value: 1 }", new Scope.Sample(30), 1);

        assertThat(report.isWhole()).isTrue();
        assertThat(report.estimate().isExact()).isTrue();
    }

    @Test
    void messagesThatDifferOnlyInWhatDocumentsHoldAreOne() {
        MessageShape shape = new MessageShape("transform:\n - convert: { field: age, to: number }");
        assertThat(List.of("convert: 'age' is '12abc' at 7", "convert: 'age' is '9xyz' at 31").stream().map(shape::of)
                .distinct()).containsExactly("convert: 'age' is '…' at N");
        assertThat(shape.of("first line \"a \\\" b\"\nValue: {…}")).isEqualTo("first line \"…\"");
    }

    @Test
    void saysOfADeletionThatItDeletes() throws Exception {
        load(Stream.of(ConvexValue.number(1), ConvexValue.number(2), ConvexValue.number(3)));

        RehearsalReport report = rehearsePlan("write: delete\nconfirm: delete\nwhere: { filter: 'doc.a > 1.0' }\n",
                new Scope.All(), 1);

        assertThat(report.findings().counts().changed()).isEqualTo(2);
        assertThat(report.findings().counts().unchanged()).isEqualTo(1);
        assertThat(TextReport.of(report, Colours.NONE)).containsPattern("  deleted +2\n")
                .contains("2 documents to be deleted").doesNotContain("What would become of fields");
    }

    @Test
    void holdsCopiesAgainstTheSchemaOfTheTableThatTheyGoTo() throws Exception {
        load(Stream.of(ConvexValue.number(1), ConvexValue.of("two")));
        deployment.schemas()
                .push(new DocumentSchema(Map.of("users_v2", Validator.object().field("a", Validator.NUMBER)))
                        .toDatabaseSchema());

        RehearsalReport report = rehearsePlan("write: { insertInto: users_v2 }\ntransform: [ { drop: b } ]\n",
                new Scope.All(), 1);

        assertThat(report.findings().counts().changed()).isEqualTo(1);
        assertThat(report.findings().counts().quarantined()).isEqualTo(1);
        assertThat(TextReport.of(report, Colours.NONE)).containsPattern("  inserted +1\n").doesNotContain("- _id");
    }

    @Test
    void doesNotSayExactlyWhatARunTakesThatSearchesAnIndex() throws Exception {
        load(Stream.of(ConvexValue.number(1)));

        RehearsalReport report = rehearsePlan(
                "where: { createdFrom: 2020-01-01 }\ntransform: [ { set: { field: b, value: 1 } } ]\n", new Scope.All(),
                1);

        assertThat(report.findings().counts().changed()).isEqualTo(1);
        assertThat(report.estimate().isExact()).isFalse();
        assertThat(TextReport.of(report, Colours.NONE)).contains("The plan selects by an index.");
    }
}
