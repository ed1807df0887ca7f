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

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExportJsonTest {

    private static ConvexValue decode(String json) {
        return ExportJson.decode(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String encode(ConvexValue value) {
        return new String(ExportJson.encode(value), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "null", "true", "0", "5", "-1", "9223372036854775807", "-9223372036854775808",
            "0.0", "-0.0", "5.0", "-1.5", "1e300", "-1.25e300", "4.9e-324", "1700000000000.25", "-1700000000000.0",
            "1000000000000000.0", "1e16", "0.00001", "1e-6", "-0.000125", "1234567890123456.0",
            "{\"$float\":\"AAAAAAAA+H8=\"}", "{\"$float\":\"AAAAAAAA8H8=\"}", "{\"$float\":\"AAAAAAAA8P8=\"}",
            "{\"$bytes\":\"\"}", "{\"$bytes\":\"AP8Q\"}", "\"Zürich 🗼\"", "[1,1.0,[2]]", "{\"a\":{\"b\":[7]}}",
    })
    void everyValueSurvivesUnchanged(String json) {
        assertThat(encode(decode(json))).isEqualTo(json);
    }

    @Test
    void aDotOrAnExponentTellsFloat64FromInt64() {
        assertThat(decode("5")).isEqualTo(ConvexValue.int64(5));
        assertThat(decode("5.0")).isEqualTo(ConvexValue.number(5));
        assertThat(decode("5e0")).isEqualTo(ConvexValue.number(5));
        assertThat(decode("{\"$integer\":\"BQAAAAAAAAA=\"}")).isEqualTo(ConvexValue.int64(5));
    }

    @Test
    void whatIsNoInt64IsAFloat64() {
        assertThat(decode("9223372036854775808")).isEqualTo(ConvexValue.number(0x1p63));
        assertThat(decode("-0")).isEqualTo(ConvexValue.number(-0.0));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void randomValuesSurviveUnchangedAndFloatsAlwaysShowIt(long seed) {
        Pattern whole = Pattern.compile("-?[0-9]+");
        RandomValues values = new RandomValues(new Random(seed));
        for (int i = 0; i < 500; i++) {
            ConvexValue value = values.next(4);
            assertThat(ExportJson.decode(ExportJson.encode(value))).isEqualTo(value);
            assertThat(whole.matcher(encode(value)).matches()).isEqualTo(value instanceof ConvexInt64);
        }
    }

    @Test
    void refusesWhatIsNoObjectWhereOneMustBe() {
        assertThatThrownBy(() -> ExportJson.decodeObject("[1]".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InvalidValueException.class).hasMessage("The JSON is no object");
    }

    @Test
    void plainJsonHasNoInt64AndNothingSpecial() {
        assertThat(ConvexJson.decodePlain("{\"n\":5}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(ConvexObject.of("n", ConvexValue.number(5)));
        assertThatThrownBy(() -> ConvexJson.decodePlain("{\"$bytes\":\"\"}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InvalidValueException.class).hasMessageContaining("begins with '$'");
    }
}
