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
package dev.convexbackfill.partitioner.range;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.convexbackfill.client.value.DocumentId;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RangeTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 64, 1000})
    void rangesTouchWithoutGapOrOverlapFromEndToEnd(int count) {
        List<Range> ranges = Range.cut(10001, count);

        assertThat(ranges).hasSize(count);
        assertThat(ranges.getFirst().after()).isNull();
        assertThat(ranges.getLast().through()).isNull();
        for (int i = 1; i < count; i++) {
            assertThat(ranges.get(i).number()).isEqualTo(i);
            assertThat(ranges.get(i).after()).isNotNull().isEqualTo(ranges.get(i - 1).through());
        }
    }

    @Test
    void everyDocumentLiesInExactlyOneRange() {
        List<Range> ranges = Range.cut(540, 7);
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            byte[] internal = new byte[16];
            random.nextBytes(internal);
            String id = DocumentId.of(540, internal).toString();
            assertThat(ranges.stream().filter(range -> (range.after() == null || range.after().compareTo(id) < 0)
                    && (range.through() == null || range.through().compareTo(id) >= 0))).hasSize(1);
        }
    }

    @Test
    void aPositionTellsHowMuchIsDone() {
        Range second = Range.cut(10001, 2).get(1);
        List<Range> quarters = Range.cut(10001, 4);

        assertThat(second.fractionAt(second.after())).isZero();
        assertThat(second.fractionAt(quarters.get(2).through())).isCloseTo(0.5, within(1e-9));
    }
}
