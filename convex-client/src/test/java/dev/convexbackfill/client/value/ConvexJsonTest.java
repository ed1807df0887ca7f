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

import static dev.convexbackfill.client.value.ConvexJson.decode;
import static dev.convexbackfill.client.value.ConvexJson.encodeToString;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConvexJsonTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "null", "true", "false", "0.0", "5.0", "-1.5", "1.0E300", "4.9E-324",
            "{\"$integer\":\"BQAAAAAAAAA=\"}", "{\"$integer\":\"//////////8=\"}", "{\"$integer\":\"AAAAAAAAAIA=\"}",
            "{\"$float\":\"AAAAAAAA+H8=\"}", "{\"$float\":\"AAAAAAAA8H8=\"}", "{\"$float\":\"AAAAAAAA8P8=\"}",
            "{\"$float\":\"AAAAAAAAAIA=\"}", "{\"$float\":\"AQAAAAAA+P8=\"}",
            "{\"$bytes\":\"\"}", "{\"$bytes\":\"AP8Q\"}",
            "\"\"", "\"Côte d'Ivoire 日本 🗼 \\\\ \\\"\"", "[]", "{}", "[null,[1.0],{\"a\":[]}]",
            "{\"\":1.0,\" b\":{\"x y\":2.0}}",
    })
    void everyValueSurvivesUnchanged(String json) {
        assertThat(encodeToString(decode(json))).isEqualTo(json);
    }

    @Test
    void readsInt64LittleEndian() {
        assertThat(decode("{\"$integer\":\"KgAAAAAAAAA=\"}")).isEqualTo(ConvexValue.int64(42));
        assertThat(decode("{\"$integer\":\"AAAAAAAAAIA=\"}")).isEqualTo(ConvexValue.int64(Long.MIN_VALUE));
    }

    @ParameterizedTest
    @CsvSource({"5,5.0", "-0,-0.0", "-0.0,-0.0", "1e2,100.0", "9007199254740993,9007199254740992",
            "123456789012345678901234567890,1.2345678901234568E29", "1e-400,0.0"})
    void everyJsonNumberBecomesFloat64(String json, double expected) {
        assertThat(decode(json)).isEqualTo(ConvexValue.number(expected));
    }

    @Test
    void sortsFieldsByName() {
        assertThat(encodeToString(decode("{\"b\":1,\"a\":2,\"B\":3,\"_id\":4}")))
                .isEqualTo("{\"B\":3.0,\"_id\":4.0,\"a\":2.0,\"b\":1.0}");
    }

    @Test
    void keepsTheLastOfEqualNames() {
        assertThat(encodeToString(decode("{\"a\":1,\"b\":2,\"a\":3}"))).isEqualTo("{\"a\":3.0,\"b\":2.0}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "`` | The JSON is empty",
            "{ | Not valid JSON",
            "1 2 | Something follows",
            "1e400 | out of range",
            "{\"$integer\":\"AAAA\"} | '$integer' holds 3 bytes and not 8",
            "{\"$integer\":5} | '$integer' must hold a string",
            "{\"$integer\":\"AQAAAAAAAAA=\",\"a\":1} | '$integer' must be the only field",
            "{\"a\":1,\"$integer\":\"AQAAAAAAAAA=\"} | begins with '$'",
            "{\"$bytes\":\"*\"} | '$bytes' holds no base64",
            "{\"$float\":\"AAAAAAAA8D8=\"} | Float64 1.0 should be encoded as a number",
            "{\"$undefined\":null} | begins with '$'",
            "{\"é\":1} | U+00E9",
            "\"\\ud800\" | lone surrogate",
    })
    void refusesWhatConvexRefuses(String json, String message) {
        assertThatThrownBy(() -> decode(json)).isInstanceOf(InvalidValueException.class).hasMessageContaining(message);
    }

    @Test
    void refusesTooDeepTooLongAndTooManyFields() {
        String deepest = "[".repeat(64) + "]".repeat(64);
        assertThat(ValueLimits.nestingOf(decode(deepest))).isEqualTo(64);
        assertThatThrownBy(() -> decode("[" + deepest.replace("[]", "[1]") + "]")).hasMessageContaining("too nested");

        String longest = "[" + String.join(",", Collections.nCopies(8192, "1")) + "]";
        assertThat(decode(longest)).isInstanceOf(ConvexArray.class);
        assertThatThrownBy(() -> decode(longest.replaceFirst("1", "1,1")))
                .hasMessage("Array length is too long (8193 > maximum length 8192)");

        TreeMap<String, ConvexValue> fields = new TreeMap<>();
        for (int i = 0; i < 1025; i++) {
            fields.put("f" + i, ConvexNull.NULL);
        }
        String widest = encodeToString(ConvexObject.copyOf(fields));
        assertThatThrownBy(() -> decode(widest)).hasMessageContaining("too many fields (1025");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void randomValuesSurviveUnchanged(long seed) {
        RandomValues values = new RandomValues(new Random(seed));
        for (int i = 0; i < 500; i++) {
            ConvexValue value = values.next(4);
            ConvexValue back = decode(ConvexJson.encode(value));
            assertThat(back).isEqualTo(value).hasSameHashCodeAs(value);
            assertThat(ValueOrder.INSTANCE.compare(value, back)).isZero();
        }
    }
}
