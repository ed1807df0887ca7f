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
package dev.convexbackfill.client.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConvexObjectTest {

    private final ConvexObject object = ConvexObject.builder().put("m", 1).put("a", "x").put("z", true).build();

    @Test
    void keepsFieldsInTheOrderOfTheirNames() {
        assertThat(object.names()).containsExactly("a", "m", "z");
    }

    @Test
    void missingIsNotNull() {
        ConvexObject withNull = object.with("n", ConvexNull.NULL);

        assertThat(withNull.get("n")).isEqualTo(ConvexNull.NULL);
        assertThat(withNull.get("missing")).isNull();
        assertThat(withNull.has("n")).isTrue();
        assertThat(withNull.has("missing")).isFalse();
    }

    @Test
    void withAndWithoutLeaveTheOriginalAlone() {
        assertThat(object.with("b", ConvexValue.of("y")).names()).containsExactly("a", "b", "m", "z");
        assertThat(object.with("0", ConvexValue.of("y")).names()).containsExactly("0", "a", "m", "z");
        assertThat(object.with("a", ConvexValue.of("y")).string("a")).isEqualTo("y");
        assertThat(object.without("m").names()).containsExactly("a", "z");
        assertThat(object.without("missing")).isSameAs(object);
        assertThat(object.only(List.of("z", "missing", "a"))).isEqualTo(object.without("m"));
        assertThat(object.only(List.of())).isEqualTo(ConvexObject.EMPTY);
        assertThat(object).isEqualTo(ConvexObject.copyOf(
                Map.of("m", ConvexValue.number(1), "a", ConvexValue.of("x"), "z", ConvexValue.of(true))));
    }

    @Test
    void findsTheFieldsOfSmallObjectsAndOfLargeOnes() {
        ConvexObject.Builder builder = ConvexObject.builder();
        for (int n = 1; n <= 100; n++) {
            builder.put("f" + n, n);
            ConvexObject some = builder.build();

            assertThat(some.number("f" + n)).isEqualTo(n);
            assertThat(some.number("f1")).isEqualTo(1);
            assertThat(some.has("f" + (n + 1))).isFalse();
            assertThat(some.without("f" + n).has("f" + n)).isFalse();
        }
    }

    @Test
    void differsFromAnotherInFieldsThatAreMissingOrHoldSomethingElse() {
        ConvexObject other = object.without("a").with("b", ConvexNull.NULL).with("m", ConvexValue.int64(1)).with("zz",
                ConvexValue.of("last"));
        List<String> differences = new ArrayList<>();

        object.forEachDifference(other, (name, mine, theirs) -> differences.add(name + " " + mine + " " + theirs));
        other.forEachDifference(other, (name, _, _) -> differences.add("not " + name));

        assertThat(differences).containsExactly("a \"x\" null", "b null " + ConvexNull.NULL,
                "m " + ConvexValue.number(1) + " " + ConvexValue.int64(1), "zz null \"last\"");
    }

    @Test
    void namesTheFieldThatHasAnotherType() {
        assertThatThrownBy(() -> object.number("a"))
                .hasMessage("The field 'a' is string where another type was expected");
        assertThatThrownBy(() -> object.string("q"))
                .hasMessage("The field 'q' is missing where another type was expected");
        assertThatThrownBy(() -> object.with("m", ConvexValue.number(1.5)).wholeNumber("m"))
                .hasMessage("The field 'm' is 1.5 and not a whole number");
    }

    @Test
    void refusesNamesThatConvexRefuses() {
        assertThatThrownBy(() -> object.with("$a", ConvexNull.NULL)).hasMessageContaining("begins with '$'");
        assertThatThrownBy(() -> object.with("ü", ConvexNull.NULL)).hasMessageContaining("U+00FC");
        assertThatThrownBy(() -> object.with("x".repeat(1025), ConvexNull.NULL))
                .hasMessageContaining("1025 characters");
        assertThat(FieldName.isIdentifier("users_v2")).isTrue();
        for (String name : new String[]{"", "_", "__", "2x", "a-b", "a b", "é", "x".repeat(65)}) {
            assertThat(FieldName.isIdentifier(name)).as(name).isFalse();
        }
    }
}
