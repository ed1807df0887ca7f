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
package dev.convexbackfill.local.store;

import static dev.convexbackfill.local.store.RangeExpression.Comparison.EQ;
import static dev.convexbackfill.local.store.RangeExpression.Comparison.GT;
import static dev.convexbackfill.local.store.RangeExpression.Comparison.GTE;
import static dev.convexbackfill.local.store.RangeExpression.Comparison.LT;
import static dev.convexbackfill.local.store.RangeExpression.Comparison.LTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.store.IndexBounds.Bound;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class IndexRangeTest {

    private static final List<String> FIELDS = List.of("a", "b.c", "_creationTime");
    private static final ConvexValue ONE = ConvexValue.number(1);
    private static final ConvexValue X = ConvexValue.of("x");

    private static IndexBounds bounds(RangeExpression... range) {
        return IndexRange.bounds("users.by_a", FIELDS, List.of(range));
    }

    private static RangeExpression eq(String field, ConvexValue value) {
        return new RangeExpression(EQ, field, value);
    }

    @Test
    void equalFieldsComeInAnyOrderAndBoundsFollow() {
        assertThat(bounds()).isEqualTo(IndexBounds.ALL);
        assertThat(bounds(eq("b.c", X), eq("a", ONE))).isEqualTo(new IndexBounds(List.of(ONE, X), null, null));
        assertThat(bounds(new RangeExpression(LT, "b.c", X), eq("a", ONE), new RangeExpression(GTE, "b.c", ONE)))
                .isEqualTo(new IndexBounds(List.of(ONE), new Bound(ONE, true), new Bound(X, false)));
        assertThat(bounds(new RangeExpression(EQ, "a", null)))
                .isEqualTo(new IndexBounds(Arrays.asList((ConvexValue) null), null, null));
        assertThat(bounds(new RangeExpression(GT, "a", null)))
                .isEqualTo(new IndexBounds(List.of(), new Bound(null, false), null));
    }

    @Test
    void theIdIsTheLastFieldOfEveryIndex() {
        assertThat(bounds(eq("a", ONE), eq("b.c", X), eq("_creationTime", ONE), new RangeExpression(GT, "_id", X)))
                .isEqualTo(new IndexBounds(List.of(ONE, X, ONE), new Bound(X, false), null));
        assertThat(IndexRange.bounds("users.by_id", List.of(), List.of(new RangeExpression(LTE, "_id", X))))
                .isEqualTo(new IndexBounds(List.of(), null, new Bound(X, true)));
    }

    @Test
    void refusesFieldsThatAreNotInTheIndex() {
        String message = "The index range included a comparison with \"z\", but users.by_a with fields [\"a\", \"b.c\","
                + " \"_creationTime\"] doesn't index this field. For more information see"
                + " https://docs.convex.dev/using/indexes.";
        assertThatThrownBy(() -> bounds(eq("z", ONE))).isInstanceOf(InvalidOperationException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> bounds(new RangeExpression(LT, "z", ONE))).hasMessage(message);
    }

    @Test
    void refusesFieldsOutOfOrder() {
        assertThatThrownBy(() -> bounds(eq("b.c", ONE))).hasMessage("""
                Tried to query index users.by_a but the query didn't use the index fields in order.
                Index fields: ["a", "b.c", "_creationTime"]
                Query fields: ["b.c"]
                First incorrect field: "b.c"
                For more information see https://docs.convex.dev/using/indexes.""");
        assertThatThrownBy(() -> bounds(eq("a", ONE), new RangeExpression(GT, "_creationTime", ONE)))
                .hasMessageContaining("Query fields: [\"a\", \"_creationTime\"]")
                .hasMessageContaining("First incorrect field: \"_creationTime\"");
    }

    @Test
    void refusesASecondBoundOfAKind() {
        assertThatThrownBy(() -> bounds(eq("a", ONE), eq("a", X)))
                .hasMessage("Already defined equality bound in index range. Can't add \"a\" == 1.0.");
        assertThatThrownBy(() -> bounds(new RangeExpression(GT, "a", ONE), new RangeExpression(GTE, "a", X)))
                .hasMessage("Already defined lower bound in index range. Can't add \"a\" >= \"x\".");
        assertThatThrownBy(() -> bounds(new RangeExpression(LT, "a", ONE), new RangeExpression(LT, "a", null)))
                .hasMessage("Already defined upper bound in index range. Can't add \"a\" < undefined.");
        assertThatThrownBy(() -> bounds(eq("a", ONE), new RangeExpression(LTE, "a", X)))
                .hasMessage("Already defined inequality bound in index range. Can't add \"a\" == 1.0.");
    }

    @Test
    void refusesBoundsOfTwoFields() {
        assertThatThrownBy(() -> bounds(new RangeExpression(GT, "a", ONE), new RangeExpression(LT, "b.c", X)))
                .hasMessage("Upper and lower bounds in `range` can only be applied to a single index field. This query"
                        + " against index users.by_a attempted to set a range bound on both \"a\" and \"b.c\". Consider"
                        + " using `filter` instead. See https://docs.convex.dev/using/indexes for more info.");
    }
}
