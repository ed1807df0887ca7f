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

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.expression.Expression;
import dev.convexbackfill.config.expression.InvalidExpressionException;
import dev.convexbackfill.config.plan.IndexSlice.Bound;
import dev.convexbackfill.config.plan.IndexSlice.Equality;
import dev.convexbackfill.config.plan.IndexSlice.FieldRange;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SelectionParserTest {

    private static final String PLAN = """
            apiVersion: backfill/v1
            name: example
            table: users
            transform: [{ drop: old }]
            """;

    private static Plan parse(String where) {
        return PlanParser.parse("plan.yaml", PLAN + where);
    }

    private static Selection where(String where) {
        return parse("where: " + where + "\n").where();
    }

    private static IndexSlice slice(String where) {
        return requireNonNull(where(where).slice());
    }

    private static Bound at(String time, boolean inclusive) {
        return new Bound(ConvexValue.number((double) Instant.parse(time).toEpochMilli()), inclusive);
    }

    @Test
    void aPlanIsForTheWholeTableUnlessItSaysMore() {
        assertThat(parse("").where()).isEqualTo(Selection.EVERYTHING);
    }

    @Test
    void readsTimesOfCreation() {
        FieldPath field = FieldPath.of("_creationTime");

        assertThat(where("{ createdFrom: 2024-01-01T02:00:00+02:00, createdBefore: 2025-01-01 }"))
                .isEqualTo(new Selection(new IndexSlice("by_creation_time", List.of(), new FieldRange(field,
                        at("2024-01-01T00:00:00Z", true), at("2025-01-01T00:00:00Z", false))), null));
        assertThat(where("{ createdBefore: 2025-01-01T00:00:00.5Z }").slice())
                .isEqualTo(new IndexSlice("by_creation_time", List.of(),
                        new FieldRange(field, null, at("2025-01-01T00:00:00.500Z", false))));
    }

    @Test
    void readsPartsOfAnIndexAndFilters() throws InvalidExpressionException {
        assertThat(where("{ index: by_city, equals: { city: Paris, 'a.b': { $int64: 5 } },"
                + " range: { field: age, from: 18, before: 65 }, filter: 'doc.age > 20.0' }"))
                .isEqualTo(new Selection(new IndexSlice("by_city",
                        List.of(new Equality(FieldPath.of("city"), ConvexValue.of("Paris")),
                                new Equality(FieldPath.of("a.b"), ConvexValue.int64(5))),
                        new FieldRange(FieldPath.of("age"), new Bound(ConvexValue.number(18), true),
                                new Bound(ConvexValue.number(65), false))),
                        Expression.parse("doc.age > 20.0")));
        assertThat(where("{ index: i, range: { field: a, after: null, through: { $bytes: AQI= } } }").slice())
                .isEqualTo(new IndexSlice("i", List.of(), new FieldRange(FieldPath.of("a"),
                        new Bound(ConvexNull.NULL, false), new Bound(ConvexValue.of(new byte[]{1, 2}), true))));
        assertThat(where("{ index: i, equals: { a: { $missing: true } } }").slice())
                .isEqualTo(new IndexSlice("i", List.of(new Equality(FieldPath.of("a"), null)), null));
        assertThat(where("{ filter: 'has(doc.a)' }"))
                .isEqualTo(new Selection(null, Expression.parse("has(doc.a)")));
    }

    @Test
    void theDigestKnowsWhichDocumentsAreSelected() {
        List<String> digests = Stream.of("", "where: { filter: 'has(doc.a)' }\n", "where: { filter: 'has(doc.b)' }\n",
                "where: { createdFrom: 2024-01-01 }\n", "where: { createdBefore: 2024-01-01 }\n",
                "where: { index: i, equals: { a: 1 } }\n", "where: { index: i, equals: { a: { $missing: true } } }\n",
                "where: { index: i, range: { field: a, from: 1 } }\n",
                "where: { index: i, range: { field: a, after: 1 } }\n")
                .map(where -> parse(where).digest()).toList();

        assertThat(digests).doesNotHaveDuplicates();
        // of a plan as versions before knew it: runs of theirs go on
        assertThat(digests.getFirst()).isEqualTo("d5da4967e0e99552a1e15d8e822d084cbcbc986b718373ede96dcf4d564610f5");
        assertThat(parse("where: { createdFrom: 2024-01-01T00:00:00Z }\n").digest()).isEqualTo(digests.get(3));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void saysWhatIsWrongAndWhere(String where, List<String> problems) {
        assertThatThrownBy(() -> where(where)).isInstanceOf(InvalidPlanException.class).hasMessage(
                problems.stream().map(problem -> "plan.yaml:5: where" + problem).collect(Collectors.joining("\n")));
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                broken("everything", ": must be a mapping of keys to values, not 'everything'"),
                broken("{}",
                        ": must say which documents: createdFrom, createdBefore, index or filter; leave it out for all"),
                broken("{ from: 5 }",
                        ".from: is not a key of a plan here; the keys are createdBefore, createdFrom, equals, filter, index,"
                                + " range"),
                broken("{ createdFrom: yesterday }",
                        ".createdFrom: must be a day, as in 2025-01-31, which begins at midnight UTC, or a time with its"
                                + " offset, as in 2025-01-31T12:00:00Z, not 'yesterday'"),
                broken("{ createdFrom: 2025-01-31T12:00:00 }",
                        ".createdFrom: must be a day, as in 2025-01-31, which begins at midnight UTC, or a time with its"
                                + " offset, as in 2025-01-31T12:00:00Z, not '2025-01-31T12:00:00'"),
                broken("{ createdFrom: 1706702400000 }", ".createdFrom: must be a text, not '1706702400000'"),
                broken("{ createdFrom: 2025-01-01, createdBefore: 2024-01-01 }",
                        ".createdBefore: must be later than createdFrom"),
                broken("{ createdFrom: 2025-01-01, createdBefore: 2025-01-01 }",
                        ".createdBefore: must be later than createdFrom"),
                broken("{ createdFrom: 2025-01-01, index: i, equals: { a: 1 } }",
                        ".index: can't be given with createdFrom or createdBefore; write one of them as a filter, as in"
                                + " 'doc._creationTime >= 1704067200000.0'"),
                broken("{ index: i }", ".index: needs 'equals', 'range' or both; a whole index is the whole table"),
                broken("{ index: 'a b', equals: { a: 1 } }",
                        ".index: must be an index of the app's schema, not 'a b'; times of creation are selected by"
                                + " createdFrom and createdBefore"),
                broken("{ index: by_creation_time, range: { field: a, from: 1 } }",
                        ".index: must be an index of the app's schema, not 'by_creation_time'; times of creation are"
                                + " selected by createdFrom and createdBefore"),
                broken("{ equals: { a: 1 }, range: { field: b, from: 1 } }",
                        ".equals: needs 'index', the name of the index that it is about",
                        ".range: needs 'index', the name of the index that it is about"),
                broken("{ index: i, equals: {} }", ".equals: must name at least one field, as in { city: Paris }"),
                broken("{ index: i, equals: { _id: x } }",
                        ".equals._id: '_id' is no field that a plan may name: names that begin with '_' belong to Convex"),
                broken("{ index: i, equals: { a: { $missing: false } } }",
                        ".equals.a: is no Convex value: The field name '$missing' begins with '$', which Convex reserves"),
                broken("{ index: i, equals: { a: 1 }, range: { field: a, from: 1 } }",
                        ".range: is of the field 'a', which 'equals' already names"),
                broken("{ index: i, range: { field: a } }",
                        ".range: needs a bound: from or after, through or before"),
                broken("{ index: i, range: { from: 1 } }", ".range.field: is missing"),
                broken("{ index: i, range: { field: a, from: 1, after: 1 } }",
                        ".range.after: can't be given with 'from'"),
                broken("{ index: i, range: { field: a, through: 1, before: 1 } }",
                        ".range.before: can't be given with 'through'"),
                broken("{ index: i, range: { field: a, from: 1, to: 2 } }",
                        ".range.to: is not a key of a plan here; the keys are after, before, field, from, through"),
                broken("{ index: i, range: { field: a, from: 2, before: 2 } }",
                        ".range: is empty: nothing lies between its bounds; an int64 comes before every number"),
                broken("{ index: i, range: { field: a, from: 1, through: { $int64: 5 } } }",
                        ".range: is empty: nothing lies between its bounds; an int64 comes before every number"),
                broken("{ filter: 'doc.' }",
                        ".filter: is no expression: at character 5: no viable alternative at input '.'"),
                broken("{ filter: true }", ".filter: must be a text, not 'true'"));
    }

    private static Arguments broken(String where, String... problems) {
        return Arguments.of(where, List.of(problems));
    }

    @Test
    void saysEverythingThatIsWrongAtOnce() {
        assertThatThrownBy(() -> parse("""
                where:
                  createdFrom: soon
                  index: by id
                  equals: { a..b: 1 }
                  range: { field: c }
                  filter: 5
                  limit: 7
                """)).isInstanceOfSatisfying(InvalidPlanException.class, invalid -> assertThat(invalid.problems())
                .extracting(PlanProblem::key).containsExactly("where.createdFrom", "where.index", "where.equals.a..b",
                        "where.range", "where.filter", "where.limit"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{ from: 18, before: 65 }                     | 18        | true",
            "{ from: 18, before: 65 }                     | 17.9      | false",
            "{ from: 18, before: 65 }                     | 65        | false",
            "{ after: 18, through: 65 }                   | 18        | false",
            "{ after: 18, through: 65 }                   | 65        | true",
            "{ from: 18 }                                 | { $int64: 20 } | false",
            "{ from: 18 }                                 | text      | true",
            "{ from: 18 }                                 | .nan      | true",
            "{ through: 18 }                              | null      | true",
            "{ through: 18 }                              | { $missing: true } | true",
            "{ after: { $missing: true }, through: 18 }   | { $missing: true } | false",
            "{ after: { $missing: true }, through: 18 }   | null      | true",
            "{ after: null }                              | { $int64: -9 } | true",
            "{ from: 0 }                                  | -0        | false",
            "{ from: '\uFFFD' }                           | '\uD83D\uDE00' | true"})
    void comparesAsIndexesDo(String range, String value, boolean contained) {
        IndexSlice slice = slice("{ index: i, range: " + range.replaceFirst("\\{", "{ field: a.b,") + " }");
        ConvexValue held = slice("{ index: i, equals: { a: " + value + " } }").equalities().getFirst().value();
        ConvexObject inner = held == null ? ConvexObject.EMPTY : ConvexObject.of("b", held);

        assertThat(slice.contains(ConvexObject.of("a", inner))).isEqualTo(contained);
        if (held == null) {
            assertThat(slice.contains(ConvexObject.EMPTY)).isEqualTo(contained);
            assertThat(slice.contains(ConvexObject.of("a", ConvexValue.of("text")))).isEqualTo(contained);
        }
    }

    @Test
    void equalFieldsMustHoldExactlyTheseValues() {
        IndexSlice slice = slice("{ index: i, equals: { a: 0, b: { $missing: true } } }");

        assertThat(slice.contains(ConvexObject.of("a", ConvexValue.number(0)))).isTrue();
        assertThat(slice.contains(ConvexObject.of("a", ConvexValue.number(-0.0)))).isFalse();
        assertThat(slice.contains(ConvexObject.of("a", ConvexValue.int64(0)))).isFalse();
        assertThat(slice.contains(ConvexObject.of("a", ConvexValue.number(0), "b", ConvexNull.NULL))).isFalse();
        assertThat(slice.contains(ConvexObject.EMPTY)).isFalse();
    }
}
