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

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReadSetTest {

    @Test
    void remembersExactlyWhatWasAddedAndMergesWhatTouches() {
        Random random = new Random(11);
        for (int round = 0; round < 300; round++) {
            ReadSet reads = new ReadSet();
            BitSet expected = new BitSet();
            for (int i = 0; i < random.nextInt(12); i++) {
                int from = random.nextInt(40);
                int to = random.nextInt(41);
                reads.add(key(from), key(to));
                if (from < to) {
                    expected.set(from, to);
                }
            }
            for (int i = 0; i < 40; i++) {
                assertThat(reads.contains(key(i))).isEqualTo(expected.get(i));
            }
            int runs = 0;
            for (int i = expected.nextSetBit(0); i >= 0; i = expected.nextSetBit(expected.nextClearBit(i))) {
                runs++;
            }
            assertThat(reads.counted()).isEqualTo(runs);
        }
    }

    private static byte[] key(int n) {
        return ByteBuffer.allocate(6).put(Keys.documents(1)).put((byte) n).array();
    }
}
