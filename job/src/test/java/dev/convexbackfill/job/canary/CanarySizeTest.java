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
package dev.convexbackfill.job.canary;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanarySizeTest {

    @ParameterizedTest
    @ValueSource(strings = {"1", "1000", "1%", "0.5%", "99.9999%"})
    void isWrittenAsItIsRead(String text) {
        assertThat(CanarySize.parse(text)).hasToString("Optional[%s]".formatted(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-5", "01", "1.5", "0%", "0.0%", "100%", "1 %", "one"})
    void whatIsNoSizeIsNone(String text) {
        assertThat(CanarySize.parse(text)).isEmpty();
    }

    @Test
    void aPartOfFewDocumentsIsOneAtLeast() {
        CanarySize.Percent percent = (CanarySize.Percent) CanarySize.parse("1%").orElseThrow();

        assertThat(percent.of(0)).isOne();
        assertThat(percent.of(120)).isOne();
        assertThat(percent.of(135_233)).isEqualTo(1352);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 5, 64, 1000, 999_999_999_999L})
    void theSharesAreEvenAndTogetherTheSlice(long documents) {
        CanarySlice slice = new CanarySlice(documents, null, false);

        long[] shares = IntStream.range(0, 64).mapToLong(range -> slice.share(range, 64)).toArray();

        assertThat(LongStream.of(shares).sum())
                .isEqualTo(documents);
        for (long share : shares) {
            assertThat(share).isBetween(documents / 64, documents / 64 + 1);
        }
    }
}
