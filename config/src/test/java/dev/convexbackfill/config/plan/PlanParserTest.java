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
package dev.convexbackfill.config.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.expression.Expression;
import dev.convexbackfill.config.expression.InvalidExpressionException;
import dev.convexbackfill.config.plan.Sink.Per;
import dev.convexbackfill.config.plan.Source.Pagination;
import dev.convexbackfill.config.plan.TransformSpec.Conversion;
import dev.convexbackfill.config.plan.TransformSpec.NormalForm;
import dev.convexbackfill.config.plan.TransformSpec.Remainder;
import dev.convexbackfill.config.plan.TransformSpec.Template;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PlanParserTest {

    private static final String HEAD = """
            apiVersion: backfill/v1
            name: example
            table: users
            """;
    private static final String STEP = """
            transform:
              - drop: [old]
            """;

    private static final String KINDS = "rename, copy, drop, reference, set, default, increment, compute, split, combine, convert,"
            + " normalize, nest, flatten, splitArray, unique, mapArray, javascript, java";

    private static Plan parse(String text) {
        Plan plan = PlanParser.parse("plan.yaml", text);
        PlanSchema.requireKnows(text);
        return plan;
    }

    private static List<TransformSpec> steps(String yaml) {
        return parse(HEAD + "transform:\n" + yaml.indent(2)).steps().stream().map(Step::transform).toList();
    }

    @Test
    void aShortPlanHasGoodDefaults() {
        Plan plan = parse(HEAD + STEP);

        assertThat(plan.name()).isEqualTo("example");
        assertThat(plan.table()).isEqualTo("users");
        assertThat(plan.functions()).isEqualTo("backfill");
        assertThat(plan.ranges()).isEqualTo(64);
        assertThat(plan.chunk()).isEqualTo(new Plan.Chunk(200, ByteSize.ofMebibytes(4)));
        assertThat(plan.throttle()).isEqualTo(new Plan.Throttle(null, null, 16));
        assertThat(plan.quarantine()).isEqualTo(new Allowance(100));
    }

    @Test
    void everySettingCanBeGiven() {
        Plan plan = parse(HEAD + STEP + """
                write: patch
                functions: migrations/backfill
                ranges: 8
                chunk: { documents: 50, bytes: 512KiB }
                throttle: { documentsPerSecond: 2000, bytesPerSecond: 3MiB, concurrency: 4 }
                quarantine: { stopAbove: 0 }
                stopWhen: { conflicts: 5%, latency: 800ms }
                """);

        assertThat(plan.functions()).isEqualTo("migrations/backfill");
        assertThat(plan.ranges()).isEqualTo(8);
        assertThat(plan.chunk()).isEqualTo(new Plan.Chunk(50, new ByteSize(512 << 10)));
        assertThat(plan.throttle()).isEqualTo(new Plan.Throttle(2000, ByteSize.ofMebibytes(3), 4));
        assertThat(plan.quarantine().stopAbove()).isZero();
        assertThat(plan.stopWhen()).isEqualTo(new StopWhen(Allowance.ofRead(0.05), Duration.ofMillis(800)));
    }

    @Test
    void readsEveryKindOfStep() {
        assertThat(steps("""
                - split: { from: label, into: [name, country], at: ", ", remainder: first }
                - split: { from: fullName, into: [firstName, lastName], at: whitespace }
                - combine: { template: "{name} ({address.country})", into: label }
                - rename: { from: old, to: profile.new }
                - convert: { field: n, to: int64 }
                - convert: { field: n, to: string, as: text }
                - default: { field: tags, value: [] }
                - drop: [a, b.c]
                - drop: d
                - set: { field: v, value: { a: [1, $int64: 5] } }
                - increment: { field: visits }
                - increment: { field: visits, by: -3 }
                """)).containsExactly(
                new TransformSpec.Split(FieldPath.of("label"), List.of(FieldPath.of("name"), FieldPath.of("country")),
                        new Separator.Text(", "), Remainder.FIRST),
                new TransformSpec.Split(FieldPath.of("fullName"),
                        List.of(FieldPath.of("firstName"), FieldPath.of("lastName")), new Separator.WhiteSpace(),
                        Remainder.LAST),
                new TransformSpec.Combine(new Template(List.of(new Template.Field(FieldPath.of("name")),
                        new Template.Literal(" ("), new Template.Field(FieldPath.of("address.country")),
                        new Template.Literal(")"))), FieldPath.of("label")),
                new TransformSpec.Rename(FieldPath.of("old"), FieldPath.of("profile.new")),
                new TransformSpec.Convert(FieldPath.of("n"), new Conversion.ToInt64(), FieldPath.of("n")),
                new TransformSpec.Convert(FieldPath.of("n"), new Conversion.ToText(), FieldPath.of("text")),
                new TransformSpec.Default(FieldPath.of("tags"), ConvexValue.array()),
                new TransformSpec.Drop(List.of(FieldPath.of("a"), FieldPath.of("b.c"))),
                new TransformSpec.Drop(List.of(FieldPath.of("d"))),
                new TransformSpec.Set(FieldPath.of("v"),
                        ConvexObject.of("a", ConvexValue.array(ConvexValue.number(1), ConvexValue.int64(5)))),
                new TransformSpec.Increment(FieldPath.of("visits"), 1),
                new TransformSpec.Increment(FieldPath.of("visits"), -3));
        assertThat(steps("""
                - copy: { from: a, to: b }
                - drop: { fields: [a] }
                - split: { from: a, into: [b, c], at: { pattern: ' *; *' }, remainder: drop }
                - convert: { field: a, to: boolean, yes: [yes, y], no: [no] }
                - convert: { field: a, to: timestamp, format: dd.MM.yyyy, zone: Europe/Paris }
                - convert: { field: a, to: date }
                - normalize: { field: a, as: phone, region: FR, into: b }
                - nest: { fields: { bio: about, city: address.city }, into: profile, defaults: { bio: "" } }
                - flatten: { from: profile, fields: [bio] }
                - splitArray: { from: tags, at: "," }
                - unique: { field: tags }
                - reference: { field: meta.author, run: copy-users }
                - copy: { from: _id, to: legacyId }
                - convert: { field: _creationTime, to: date, as: day }
                """)).containsExactly(
                new TransformSpec.Copy(FieldPath.of("a"), FieldPath.of("b")),
                new TransformSpec.Drop(List.of(FieldPath.of("a"))),
                new TransformSpec.Split(FieldPath.of("a"), List.of(FieldPath.of("b"), FieldPath.of("c")),
                        new Separator.Pattern(" *; *"), Remainder.DROP),
                new TransformSpec.Convert(FieldPath.of("a"),
                        new Conversion.ToBoolean(List.of("yes", "y"), List.of("no")), FieldPath.of("a")),
                new TransformSpec.Convert(FieldPath.of("a"),
                        new Conversion.ToTimestamp("dd.MM.yyyy", ZoneId.of("Europe/Paris")), FieldPath.of("a")),
                new TransformSpec.Convert(FieldPath.of("a"), new Conversion.ToDate(null, ZoneId.of("UTC")),
                        FieldPath.of("a")),
                new TransformSpec.Normalize(FieldPath.of("a"), NormalForm.PHONE, "FR", FieldPath.of("b")),
                new TransformSpec.Nest(Map.of("bio", FieldPath.of("about"), "city", FieldPath.of("address.city")),
                        FieldPath.of("profile"), ConvexObject.of("bio", ConvexValue.of(""))),
                new TransformSpec.Flatten(FieldPath.of("profile"), Map.of("bio", FieldPath.of("bio")),
                        ConvexObject.EMPTY),
                new TransformSpec.SplitArray(FieldPath.of("tags"), FieldPath.of("tags"), new Separator.Text(","),
                        false),
                new TransformSpec.Unique(FieldPath.of("tags")),
                new TransformSpec.Reference(FieldPath.of("meta.author"), "copy-users"),
                new TransformSpec.Copy(FieldPath.of("_id"), FieldPath.of("legacyId")),
                new TransformSpec.Convert(FieldPath.of("_creationTime"), new Conversion.ToDate(null, ZoneId.of("UTC")),
                        FieldPath.of("day")));
    }

    @Test
    void aStepHasAConditionAndSaysWhatBecomesOfDocumentsThatItCannotTransform() throws InvalidExpressionException {
        List<Step> steps = parse(HEAD + """
                transform:
                  - set: { field: a, value: 1, when: "doc.n > 3", onError: keep }
                  - set: { field: a, value: 1, onError: { default: null } }
                  - set: { field: a, value: 1, onError: fail }
                  - set: { field: a, value: 1 }
                """).steps();

        assertThat(steps.getFirst().when()).isEqualTo(Expression.parse("doc.n > 3"));
        assertThat(steps).extracting(Step::onError).containsExactly(new OnError.Keep(),
                new OnError.Value(ConvexNull.NULL), new OnError.Fail(), new OnError.Quarantine());
    }

    @Test
    void readsWhatAVerificationIsToProve() throws InvalidExpressionException {
        String ensure = """
                ensure:
                  - present: [firstName, profile.city]
                  - absent: [fullName]
                  - type: { credits: int64, nickname: null, tags: array }
                  - condition: "doc.age > 18"
                  - schema: true
                  - unique: email
                  - refers: { field: author, table: users }
                """;

        assertThat(parse(HEAD + STEP + ensure).ensure()).containsExactly(
                new Ensure.Present(List.of(FieldPath.of("firstName"), FieldPath.of("profile.city"))),
                new Ensure.Absent(List.of(FieldPath.of("fullName"))),
                new Ensure.OfType(Map.of(FieldPath.of("credits"), FieldType.INT64, FieldPath.of("nickname"),
                        FieldType.NULL, FieldPath.of("tags"), FieldType.ARRAY)),
                new Ensure.Condition(Expression.parse("doc.age > 18")),
                new Ensure.MatchesSchema(), new Ensure.Unique(FieldPath.of("email")),
                new Ensure.Refers(FieldPath.of("author"), "users"));
        assertThat(parse(HEAD + STEP + ensure).digest()).describedAs("it changes nothing in documents")
                .isEqualTo(parse(HEAD + STEP).digest());
    }

    @ParameterizedTest
    @MethodSource("values")
    void readsValuesAsJavaScriptWould(String yaml, ConvexValue expected) {
        assertThat(steps("- set: { field: v, value: " + yaml + " }"))
                .containsExactly(new TransformSpec.Set(FieldPath.of("v"), expected));
    }

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of("5", ConvexValue.number(5)),
                Arguments.of("-0", ConvexValue.number(-0.0)),
                Arguments.of("1.5", ConvexValue.number(1.5)),
                Arguments.of(".nan", ConvexValue.number(Double.NaN)),
                Arguments.of("-.inf", ConvexValue.number(Double.NEGATIVE_INFINITY)),
                Arguments.of("NO", ConvexValue.of("NO")),
                Arguments.of("yes", ConvexValue.of("yes")),
                Arguments.of("true", ConvexValue.of(true)),
                Arguments.of("null", ConvexNull.NULL),
                Arguments.of("'5'", ConvexValue.of("5")),
                Arguments.of("2026-01-01", ConvexValue.of("2026-01-01")),
                Arguments.of("{ $int64: 9223372036854775807 }", ConvexValue.int64(Long.MAX_VALUE)),
                Arguments.of("{ $bytes: AQI= }", ConvexValue.of(new byte[]{1, 2})),
                Arguments.of("{ $float: Infinity }", ConvexValue.number(Double.POSITIVE_INFINITY)));
    }

    @Test
    void aQueryOfTheAppSaysWhichDocuments() throws InvalidExpressionException {
        Selection where = parse(HEAD + STEP
                + """
                        source: { query: "lib/users:getBatch", args: { team: red, n: { $int64: 5 }, zero: -0.0 }, pagination: nextCursor }
                        where: { filter: 'doc.n > 3.0' }
                        """)
                .where();

        assertThat(where).isEqualTo(new Selection(null, Expression.parse("doc.n > 3.0"), new Source(
                new FunctionPath("lib/users:getBatch"),
                ConvexObject.builder().put("team", "red").put("n", ConvexValue.int64(5)).put("zero", -0.0).build(),
                Pagination.NEXT_CURSOR)));
        assertThat(parse(HEAD + STEP + "source: { query: 'users:getBatch' }\n").where()).isEqualTo(new Selection(null,
                null, new Source(new FunctionPath("users:getBatch"), ConvexObject.EMPTY, Pagination.PAGINATION_OPTS)));
        assertThat(parse(HEAD + STEP + "source: { query: 'users:getBatch' }\nwhere: { createdFrom: 2024-01-01 }\n")
                .where().slice()).isNotNull();
    }

    @Test
    void aMutationOfTheAppWritesWithOrWithoutSteps() throws InvalidExpressionException {
        Plan plan = parse(
                HEAD + """
                        sink: { mutation: "users:update", per: chunk, args: { userId: 'doc._id', gone: unset, name: result.name } }
                        """);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.write()).isEqualTo(new Write.Call(new FunctionPath("users:update")));
        assertThat(plan.sink()).isEqualTo(new Sink(new FunctionPath("users:update"), Per.CHUNK,
                Map.of("userId", Expression.parseArgument("doc._id"), "gone", Expression.parseArgument("unset"), "name",
                        Expression.parseArgument("result.name"))));
        assertThat(parse(HEAD + STEP + "sink: { mutation: 'users:update' }\n").sink())
                .isEqualTo(new Sink(new FunctionPath("users:update"), Per.DOCUMENT, Map.of()));
        assertThat(parse(HEAD + STEP).sink()).isNull();
        assertThat(Write.of(plan.write().text())).isEqualTo(plan.write());
    }

    @Test
    void theFunctionsBelongToTheDigest() {
        List<String> plans = Stream.of("", "source: { query: 'a:b' }", "source: { query: 'a:c' }",
                "source: { query: 'a:b', args: { n: 1 } }", "source: { query: 'a:b', pagination: nextCursor }",
                "sink: { mutation: 'a:b' }", "sink: { mutation: 'a:b', per: chunk }", "sink: { mutation: 'a:c' }",
                "sink: { mutation: 'a:b', args: { id: doc._id } }", "sink: { mutation: 'a:b', args: { id: doc.id } }")
                .map(more -> parse(HEAD + STEP + more + "\n").digest()).toList();

        assertThat(plans).doesNotHaveDuplicates();
    }

    @Test
    void theDigestIsOfTheMeaningAndNotOfTheText() {
        String digest = parse(HEAD + STEP).digest();

        assertThat(digest).hasSize(64);
        assertThat(parse("# a comment\n" + HEAD.replace("example", "other") + "ranges: 3\n" + STEP).digest())
                .isEqualTo(digest);
        assertThat(parse(HEAD + "transform: [{ 'drop': ['old'] }]\n").digest()).isEqualTo(digest);
        assertThat(parse(HEAD + STEP.replace("old", "other")).digest()).isNotEqualTo(digest);
        assertThat(parse(HEAD.replace("users", "people") + STEP).digest()).isNotEqualTo(digest);
    }

    @Test
    void saysHowToWrite() {
        assertThat(parse(HEAD + STEP).write()).isEqualTo(new Write.Patch());
        assertThat(parse(HEAD + STEP + "write: patch\n").write()).isEqualTo(new Write.Patch());
        assertThat(parse(HEAD + STEP + "write: replace\n").write()).isEqualTo(new Write.Replace());
        assertThat(parse(HEAD + STEP + "write: { insertInto: users_v2 }\n").write())
                .isEqualTo(new Write.InsertInto("users_v2"));
        Plan deleting = parse(HEAD + "write: delete\nconfirm: delete\n");
        assertThat(deleting.write()).isEqualTo(new Write.Delete());
        assertThat(deleting.steps()).isEmpty();
        for (Write write : List.of(new Write.Patch(), new Write.Replace(), new Write.Delete(),
                new Write.InsertInto("t"))) {
            assertThat(Write.of(write.text())).isEqualTo(write);
        }
    }

    @Test
    void theDigestIsAlsoOfTheWayToWriteAndAsItWasBeforeForPatches() {
        String patching = parse(HEAD + STEP).digest();
        List<String> others = Stream.of("write: replace\n", "write: { insertInto: users_v2 }\n",
                "write: { insertInto: users_v3 }\n").map(write -> parse(HEAD + STEP + write).digest()).toList();

        assertThat(patching).isEqualTo("7131d6ef42f9b5843288f489d2c5cb289ef92f08e0c224f243aba608f2696189");
        assertThat(parse(HEAD + STEP + "write: patch\n").digest()).isEqualTo(patching);
        assertThat(others).doesNotHaveDuplicates().doesNotContain(patching);
    }

    @ParameterizedTest
    @MethodSource("brokenPlans")
    void saysWhatIsWrongAndWhere(String plan, String problem) {
        assertThatThrownBy(() -> parse(plan)).isInstanceOf(InvalidPlanException.class).hasMessage(problem);
    }

    static Stream<Arguments> brokenPlans() {
        return Stream.of(
                Arguments.of("", "plan.yaml: the plan is empty; `backfill init` writes an example"),
                Arguments.of("just text", "plan.yaml:1: must be a mapping of keys to values, not 'just text'"),
                Arguments.of("a: [",
                        "plan.yaml:1: is not valid YAML: expected the node content, but found '<stream end>'"),
                Arguments.of(STEP + "name: x\ntable: users\n", "plan.yaml:1: apiVersion: is missing"),
                Arguments.of((HEAD + STEP).replace("v1", "v2"),
                        "plan.yaml:1: apiVersion: must be backfill/v1, not 'backfill/v2'"),
                Arguments.of((HEAD + STEP).replace("example", "Ex ample"),
                        "plan.yaml:2: name: must be 1 to 60 lower-case letters, digits and dashes, not 'Ex ample'"),
                Arguments.of((HEAD + STEP).replace("example", "5"), "plan.yaml:2: name: must be a text, not '5'"),
                Arguments.of((HEAD + STEP).replace("users", "_users"),
                        "plan.yaml:3: table: '_users' can't be the name of a table of an app"),
                Arguments.of((HEAD + STEP).replace("users", "backfillLedger"),
                        "plan.yaml:3: table: 'backfillLedger' belongs to convex-backfill itself"),
                Arguments.of(HEAD, "plan.yaml:1: transform: is missing"),
                Arguments.of(HEAD + "transform: []\n",
                        "plan.yaml:4: transform: must be a list of at least one step, each with a dash"),
                Arguments.of(HEAD + "transform: drop\n",
                        "plan.yaml:4: transform: must be a list of at least one step, each with a dash"),
                Arguments.of(HEAD + STEP + "table: other\n", "plan.yaml:6: table: is given twice"),
                Arguments.of(HEAD + STEP + "tabel: other\n",
                        "plan.yaml:6: tabel: is not a key of a plan here; the keys are apiVersion, chunk, confirm, ensure, functions,"
                                + " name, quarantine, ranges, sink, source, stopWhen, table, throttle, transform, where, write; did you mean 'table'?"),
                Arguments.of(HEAD + STEP + "write: upsert\n",
                        "plan.yaml:6: write: must be patch, replace, delete or { insertInto: TABLE }, not 'upsert'"),
                Arguments.of(HEAD + STEP + "write: [patch]\n",
                        "plan.yaml:6: write: must be a mapping of keys to values, not a list"),
                Arguments.of(HEAD + STEP + "write: { insertInto: users }\n",
                        "plan.yaml:6: write.insertInto: must be another table than 'users', which the plan reads"),
                Arguments.of(HEAD + STEP + "write: { insertInto: backfillRuns }\n",
                        "plan.yaml:6: write.insertInto: 'backfillRuns' belongs to convex-backfill itself"),
                Arguments.of(HEAD + STEP + "write: { insertInto: 'my table' }\n",
                        "plan.yaml:6: write.insertInto: 'my table' can't be the name of a table of an app"),
                Arguments.of(HEAD + STEP + "write: { into: users_v2 }\n",
                        "plan.yaml:6: write.insertInto: is missing\n"
                                + "plan.yaml:6: write.into: is not a key of a plan here; the keys are insertInto"),
                Arguments.of(HEAD + "write: delete\n",
                        "plan.yaml:4: write: deletes documents of 'users'; say that this is meant, with the line"
                                + " 'confirm: delete'"),
                Arguments.of(HEAD + "write: delete\nconfirm: yes\n",
                        "plan.yaml:5: confirm: must be delete, not 'yes'"),
                Arguments.of(HEAD + "write: delete\nconfirm: delete\n" + STEP,
                        "plan.yaml:7: transform: has nothing to do where documents are deleted; remove it"),
                Arguments.of(HEAD + STEP + "confirm: delete\n",
                        "plan.yaml:6: confirm: is only for 'write: delete'"),
                Arguments.of(HEAD + STEP + "ranges: 0\n",
                        "plan.yaml:6: ranges: must be a whole number from 1 to 1000, not '0'"),
                Arguments.of(HEAD + STEP + "ranges: many\n",
                        "plan.yaml:6: ranges: must be a whole number from 1 to 1000, not 'many'"),
                Arguments.of(HEAD + STEP + "chunk: 5\n",
                        "plan.yaml:6: chunk: must be a mapping of keys to values, not '5'"),
                Arguments.of(HEAD + STEP + "chunk: { documents: 1.5 }\n",
                        "plan.yaml:6: chunk.documents: must be a whole number from 1 to 1000, not '1.5'"),
                Arguments.of(HEAD + STEP + "chunk: { bytes: 4 megabytes }\n",
                        "plan.yaml:6: chunk.bytes: must be a size from 64KiB to 7MiB, written as in 4MiB, not '4 megabytes'"),
                Arguments.of(HEAD + STEP + "chunk: { size: 4 }\n",
                        "plan.yaml:6: chunk.size: is not a key of a plan here; the keys are bytes, documents"),
                Arguments.of(HEAD + STEP + "throttle: { concurrency: 1000 }\n",
                        "plan.yaml:6: throttle.concurrency: must be a whole number from 1 to 256, not '1000'"),
                Arguments.of(HEAD + STEP + "functions: convex/backfill.ts\n",
                        "plan.yaml:6: functions: must be the path of backfill.ts below convex/, without .ts, not 'convex/backfill.ts'"),
                step("- explode: { field: a }",
                        "transform[0]: must have exactly one of the keys " + KINDS + ", not explode"),
                step("- { drop: a, set: { field: b, value: 1 } }",
                        "transform[0]: is one step and not drop and set: give each a dash of its own"),
                step("- drop", "transform[0]: must be a mapping of keys to values, not 'drop'"),
                step("- drop: []",
                        "transform[0].drop: must be a list of fields, as in [firstName, lastName], not a list"),
                step("- drop: _id",
                        "transform[0].drop: '_id' is no field that a plan may name: names that begin with '_' belong to Convex"),
                step("- drop: a..b", "transform[0].drop: 'a..b' is no field: a name is empty"),
                step("- drop: [a, a]", "transform[0].drop[1]: 'a' is listed twice"),
                step("- split: { from: a, into: [b], at: x }",
                        "transform[0].split.into: must be a list of at least 2 fields, as in [firstName, lastName], not a list"),
                step("- split: { from: a, into: [b, c] }", "transform[0].split.at: is missing"),
                step("- split: { from: a, into: [b, c], at: '' }",
                        "transform[0].split.at: must be a text to cut at, { pattern: … }, or the word whitespace"),
                step("- split: { from: a, into: [b, c], at: x, remainder: middle }",
                        "transform[0].split.remainder: must be first, last, drop or fail, not 'middle'"),
                step("- combine: { template: none, into: a }",
                        "transform[0].combine.template: must name at least one field in braces, as in '{firstName} {lastName}'"),
                step("- combine: { template: '{_ids}', into: a }",
                        "transform[0].combine.template: '_ids' is no field that a plan may name: names that begin with '_' belong"
                                + " to Convex"),
                step("- copy: { from: a, to: _id }",
                        "transform[0].copy.to: '_id' is no field that a plan may name: names that begin with '_' belong to Convex"),
                step("- rename: { from: _id, to: a }",
                        "transform[0].rename.from: '_id' is no field that a plan may name: names that begin with '_' belong to Convex"),
                step("- convert: { field: _creationTime, to: date }",
                        "transform[0].convert.field: '_creationTime' is no field that a plan may name: names that begin with '_'"
                                + " belong to Convex"),
                step("- reference: { field: author }", "transform[0].reference.run: is missing"),
                step("- reference: { field: author, run: Copy Users }",
                        "transform[0].reference.run: must be the name of a run that has inserted documents, not 'Copy Users'"),
                step("- rename: { from: a, to: a }", "transform[0].rename.to: must differ from 'from'"),
                step("- convert: { field: a, to: day }",
                        "transform[0].convert.to: must be number, int64, string, boolean, timestamp or date, not 'day'"),
                step("- default: { field: a }", "transform[0].default.value: is missing"),
                step("- set: { field: a, value: { $int64: x } }",
                        "transform[0].set.value: is no Convex value: 'x' is no $int64"),
                step("- set: { field: a, value: { $odd: x } }",
                        "transform[0].set.value: is no Convex value: The field name '$odd' begins with '$', which Convex reserves"),
                step("- set: { field: a, value: 99999999999999999999 }",
                        "transform[0].set.value: is no Convex value: 99999999999999999999 is too large for a number; write"
                                + " {$int64: 99999999999999999999} for an int64"),
                step("- set: { field: a, value: &x [*x] }",
                        "a plan takes no aliases such as '*x'; write the value out"),
                step("- increment: { field: a, by: 0 }", "transform[0].increment.by: must not be 0"),
                step("- drop: { field: a }", "transform[0].drop.fields: is missing",
                        "transform[0].drop.field: is not a key of a plan here; the keys are fields, onError, when; did you mean"
                                + " 'fields'?"),
                step("- set: { field: a, value: 1, when: x }",
                        "transform[0].set.when: is no expression: at character 1: undeclared reference to 'x'; fields are"
                                + " written as in doc.firstName, texts as in 'text'"),
                step("- compute: { field: a, value: 'doc.' }",
                        "transform[0].compute.value: is no expression: at character 5: no viable"
                                + " alternative at input '.'"),
                step("- set: { field: a, value: 1, onError: ignore }",
                        "transform[0].set.onError: must be quarantine, keep or fail, not 'ignore'"),
                step("- set: { field: a, value: 1, onError: { value: 1 } }",
                        "transform[0].set.onError.default: is missing",
                        "transform[0].set.onError.value: is not a key of a plan here; the keys are default"),
                step("- drop: { fields: [a], onError: { default: 1 } }",
                        "transform[0].drop.onError: can't set a default: the step sets no fields of its own"),
                step("- copy: { from: a, to: a }", "transform[0].copy.to: must differ from 'from'"),
                step("- split: { from: a, into: [b, c], at: { pattern: '(' } }",
                        "transform[0].split.at.pattern: is no regular expression: error parsing regexp: missing closing ): `(`"),
                step("- split: { from: a, into: [b, c], at: { pattern: 'x*' } }",
                        "transform[0].split.at.pattern: must not match the empty text"),
                step("- split: { from: a, into: [b, c], at: { regex: x } }",
                        "transform[0].split.at.pattern: is missing"),
                step("- convert: { field: a, to: timestamp, zone: Mars }",
                        "transform[0].convert.zone: must be a time zone such as Europe/Paris, not 'Mars'"),
                step("- convert: { field: a, to: timestamp, format: jj }",
                        "transform[0].convert.format: must be a format such as dd.MM.uuuu: Unknown pattern letter: j"),
                step("- convert: { field: a, to: number, format: dd }",
                        "transform[0].convert.format: is not a key of a plan here; the keys are as, field, onError, to, when"),
                step("- convert: { field: a, to: boolean, yes: [y], no: [y] }",
                        "transform[0].convert.no: has a text that is also the opposite"),
                step("- convert: { field: a, to: boolean, yes: [] }",
                        "transform[0].convert.yes: must be a list of texts, not a list"),
                step("- convert: { field: a, to: boolean, yes: [1] }",
                        "transform[0].convert.yes[0]: must be a text, not '1'"),
                step("- normalize: { field: a, as: name }",
                        "transform[0].normalize.as: must be email, phone, url, trim, whitespace, lower, upper, nfc or nfkc, not"
                                + " 'name'"),
                step("- normalize: { field: a, as: phone, region: Texas }",
                        "transform[0].normalize.region: must be a country's two letters, such as US, not 'Texas'"),
                step("- normalize: { field: a, as: email, region: US }",
                        "transform[0].normalize.region: is only for 'as: phone'"),
                step("- nest: { fields: [a.x, b.x], into: p }",
                        "transform[0].nest.fields: has two fields that would have the same name; write { name: field } instead"),
                step("- nest: { fields: {}, into: p }", "transform[0].nest.fields: must name at least one field"),
                step("- nest: { fields: [a], into: p, defaults: 5 }",
                        "transform[0].nest.defaults: must be a mapping of names to values"),
                step("- flatten: { fields: [a] }", "transform[0].flatten.from: is missing"),
                step("- splitArray: { from: a, at: ',', keepEmpty: maybe }",
                        "transform[0].splitArray.keepEmpty: must be true or false, not 'maybe'"),
                step("- unique: {}", "transform[0].unique.field: is missing"),
                step("- mapArray: { field: a }", "transform[0].mapArray.value: is missing"));
    }

    private static Arguments step(String step, String... problems) {
        return Arguments.of(HEAD + "transform:\n  " + step + "\n",
                Stream.of(problems).map(problem -> "plan.yaml:5: " + problem).collect(Collectors.joining("\n")));
    }

    @Test
    void saysEverythingThatIsWrongAtOnceInTheOrderOfLines() {
        assertThatThrownBy(() -> parse("""
                apiVersion: backfill/v1
                name: x
                table: 5
                transform:
                  - drop: []
                  - set: { field: _x }
                ranges: none
                """)).isInstanceOfSatisfying(InvalidPlanException.class, invalid -> assertThat(invalid.problems())
                .extracting(PlanProblem::key)
                .containsExactly("table", "transform[0].drop", "transform[1].set.field", "transform[1].set.value",
                        "ranges"));
    }
}
