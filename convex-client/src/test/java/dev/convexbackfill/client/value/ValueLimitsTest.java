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

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueLimitsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "null | 1 | 0", "true | 1 | 0", "1.0 | 9 | 0", "{\"$integer\":\"BQAAAAAAAAA=\"} | 9 | 0",
            "\"\" | 2 | 0", "\"abc\" | 5 | 0", "\"é\" | 4 | 0", "\"東\" | 5 | 0", "\"🗼\" | 6 | 0",
            "{\"$bytes\":\"AP8Q\"} | 5 | 0", "[] | 2 | 1", "[1.0,[null]] | 14 | 2", "{} | 2 | 1",
            "{\"a\":1.0,\"bc\":{\"d\":[]}} | 22 | 3",
    })
    void countsSizeAndNestingAsConvexDoes(String json, long size, int nesting) {
        ConvexValue value = ConvexJson.decode(json);

        assertThat(ValueLimits.sizeOf(value)).isEqualTo(size);
        assertThat(ValueLimits.nestingOf(value)).isEqualTo(nesting);
    }
}
