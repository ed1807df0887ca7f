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
package dev.convexbackfill.config.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionTest {

    private static ConvexObject document(String json) {
        return (ConvexObject) ConvexJson.decode(json);
    }

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            // int64 stays int64, and float64 stays float64
            "doc.n + 1 | {\"n\":{\"$integer\":\"BQAAAAAAAAA=\"}} | {\"$integer\":\"BgAAAAAAAAA=\"}",
            "doc.n + 1.0 | {\"n\":5} | 6.0",
            "double(doc.n) / 2.0 | {\"n\":{\"$integer\":\"BQAAAAAAAAA=\"}} | 2.5",
            "int(doc.n) | {\"n\":5} | {\"$integer\":\"BQAAAAAAAAA=\"}",
            "doc.n == 5 | {\"n\":5} | true",
            "doc.n < 6 && doc.n > 4 | {\"n\":5} | true",
            // -0.0, NaN and the infinities come through
            "doc.n | {\"n\":{\"$float\":\"AAAAAAAAAIA=\"}} | {\"$float\":\"AAAAAAAAAIA=\"}",
            "isNaN(doc.n) | {\"n\":{\"$float\":\"AAAAAAAA+H8=\"}} | true",
            // text beyond the first plane, null, bytes, arrays and objects
            "doc.s.lowerAscii() + '👩' | {\"s\":\"ÄBC\"} | \"Äbc👩\"",
            "size(doc.s) | {\"s\":\"👩é\"} | {\"$integer\":\"AgAAAAAAAAA=\"}",
            "doc.x == null | {\"x\":null} | true",
            "doc.b | {\"b\":{\"$bytes\":\"AQI=\"}} | {\"$bytes\":\"AQI=\"}",
            "doc.a.map(x, x + 1.0).filter(x, x > 2.0) | {\"a\":[1,2,3]} | [3.0,4.0]",
            "{'first': doc.a[0], 'all': doc.a} | {\"a\":[1]} | {\"all\":[1.0],\"first\":1.0}",
            "has(doc.p) ? doc.p.q : 'none' | {} | \"none\"",
            "doc | {\"a\":1} | {\"a\":1.0}",
            "timestamp('2026-01-01T00:00:00Z') | {} | 1.7672256E12",
    })
    void hasTheValueOf(String expression, String document, String value) throws InvalidExpressionException {
        assertThat(ConvexJson.encodeToString(Expression.parse(expression).evaluate(document(document))))
                .isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "doc.missing | key 'missing' is not present in map",
            "doc.n + 1 | No matching overload",
            "int('12abc') | For input string",
            "9223372036854775807 + int(doc.n) | overflow",
            "duration('1s') == duration('2s') ? 1u : 2u | UnsignedLong",
    })
    void failsAndSaysWhy(String expression, String why) throws InvalidExpressionException {
        Expression parsed = Expression.parse(expression);

        assertThatThrownBy(() -> parsed.evaluate(document("{\"n\":5}"))).isInstanceOf(ExpressionFailedException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "doc. | at character 5",
            "document.n | undeclared reference to 'document'",
            "doc.n + | at character 8",
            "'a' + 1 | found no matching overload for '_+_'",
            "fetch('http://example.com') | undeclared reference to 'fetch'",
    })
    void isRefusedWithThePlace(String text, String why) {
        assertThatThrownBy(() -> Expression.parse(text)).isInstanceOf(InvalidExpressionException.class)
                .hasMessageContaining(why);
    }

    @Test
    void whatItMayCostIsBounded() throws InvalidExpressionException {
        String loop = "doc.a.all(x, doc.a.all(y, doc.a.all(z, true)))";
        ConvexObject document = ConvexObject.of("a",
                ConvexValue.array(java.util.Collections.nCopies(1000, ConvexValue.number(1))));
        Expression parsed = Expression.parse(loop);

        assertThatThrownBy(() -> parsed.evaluate(document)).isInstanceOf(ExpressionFailedException.class)
                .hasMessageContaining("Iteration budget exceeded");
        assertThatThrownBy(() -> Expression.parse("1" + "+1".repeat(10_000)))
                .isInstanceOf(InvalidExpressionException.class);
    }

    @Test
    void knowsWhichFieldsItLooksAt() throws InvalidExpressionException {
        assertThat(Expression.parse("doc.a.b + doc['c'] + (has(doc.d) ? 'x' : 'y')").fields())
                .hasValueSatisfying(fields -> assertThat(fields).containsExactlyInAnyOrder("a", "c", "d"));
        assertThat(Expression.parse("size(doc) > 3").fields()).isEmpty();
        assertThat(Expression.parse("doc[doc.name]").fields()).isEmpty();
        assertThat(Expression.parse("1 + 1").fields()).hasValueSatisfying(fields -> assertThat(fields).isEmpty());
    }

    @Test
    void aConditionMustBeTrueOrFalse() throws InvalidExpressionException {
        assertThat(Expression.parse("doc.n > 3.0").isTrueOf(document("{\"n\":5}"))).isTrue();
        Expression number = Expression.parse("doc.n");
        assertThatThrownBy(() -> number.isTrueOf(document("{\"n\":5}")))
                .hasMessage("'doc.n' is number and neither true nor false");
    }

    @Test
    void anElementOfAnArrayIsIt() throws InvalidExpressionException {
        assertThat(Expression.parse("it + doc.s").evaluate(document("{\"s\":\"!\"}"), ConvexValue.of("a")))
                .isEqualTo(ConvexValue.of("a!"));
    }
}
