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

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class IntervalIndexTest {

    private record Named(long number) implements IntervalIndex.Owner {}

    /** Nobody compares two. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Interval(byte[] from, byte[] to, Named owner) {

        boolean contains(byte[] key) {
            return Bytes.ORDER.compare(from, key) <= 0 && Bytes.ORDER.compare(key, to) < 0;
        }
    }

    private static byte[] key(Random random) {
        byte[] key = new byte[1 + random.nextInt(2)];
        random.nextBytes(key);
        return key;
    }

    @Test
    void findsTheOwnersThatLookingAtEveryIntervalFinds() {
        Random random = new Random(7);
        IntervalIndex<Named> index = new IntervalIndex<>();
        List<Interval> all = new ArrayList<>();
        for (int step = 0; step < 4000; step++) {
            if (all.size() > 300 || (!all.isEmpty() && random.nextInt(3) == 0)) {
                Interval gone = all.remove(random.nextInt(all.size()));
                index.remove(gone.from(), gone.owner());
            } else {
                byte[] from = key(random);
                byte[] to = random.nextBoolean() ? Bytes.successor(from)
                        : Bytes.max(key(random), Bytes.successor(from));
                Interval added = new Interval(from, to, new Named(step));
                all.add(added);
                index.add(from, to, added.owner());
            }
            byte[] key = random.nextBoolean() && !all.isEmpty() ? all.getLast().from() : key(random);
            Set<Named> found = new HashSet<>();
            index.collect(key, found);
            assertThat(found).isEqualTo(all.stream().filter(interval -> interval.contains(key)).map(Interval::owner)
                    .collect(Collectors.toSet()));
        }
        all.forEach(interval -> index.remove(interval.from(), interval.owner()));
        assertThat(index.isEmpty()).isTrue();
    }

    @Test
    void removingWhatIsNotThereChangesNothing() {
        IntervalIndex<Named> index = new IntervalIndex<>();
        index.add(new byte[]{1}, new byte[]{3}, new Named(1));
        index.remove(new byte[]{1}, new Named(2));
        index.remove(new byte[]{2}, new Named(1));

        Set<Named> found = new HashSet<>();
        index.collect(new byte[]{2}, found);
        assertThat(found).containsExactly(new Named(1));
    }
}
