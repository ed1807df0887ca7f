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

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.ValueOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SortKeyTest {

    private final Random random = new Random(5);

    @Test
    void bytesSortAsTheValuesDo() {
        List<@Nullable ConvexValue> values = new ArrayList<>();
        values.add(null);
        IntStream.range(0, 400).forEach(_ -> values.add(value(3)));
        for (ConvexValue left : values) {
            byte[] leftKey = new SortKey(new byte[0]).add(left).toByteArray();
            for (ConvexValue right : values) {
                byte[] rightKey = new SortKey(new byte[0]).add(right).toByteArray();
                assertThat(Integer.signum(Bytes.ORDER.compare(leftKey, rightKey))).as("%s against %s", left, right)
                        .isEqualTo(Integer.signum(ValueOrder.INSTANCE.compare(left, right)));
            }
        }
    }

    private ConvexValue value(int depth) {
        return switch (random.nextInt(depth == 0 ? 7 : 9)) {
            case 0 -> ConvexNull.NULL;
            case 1 -> ConvexValue.of(random.nextBoolean());
            case 2 -> ConvexValue.int64(random.nextBoolean() ? random.nextLong() : random.nextInt(3) - 1);
            case 3 -> ConvexValue.number(List.of(0.0, -0.0, 1.0, -1.0, Double.NaN, Double.NEGATIVE_INFINITY)
                    .get(random.nextInt(6)));
            case 4 -> ConvexValue.number(random.nextGaussian());
            case 5 -> ConvexValue
                    .of(List.of("", "a", "a\u0000", "a\u0000b", "b", "é", "🗼", "\uffff").get(random.nextInt(8)));
            case 6 -> {
                byte[] bytes = new byte[random.nextInt(3)];
                random.nextBytes(bytes);
                yield ConvexValue.of(bytes);
            }
            case 7 -> ConvexValue.array(IntStream.range(0, random.nextInt(3)).mapToObj(_ -> value(depth - 1)).toList());
            default -> {
                ConvexObject.Builder object = ConvexObject.builder();
                IntStream.range(0, random.nextInt(3))
                        .forEach(_ -> object.put("ab".substring(random.nextInt(2)), value(depth - 1)));
                yield object.build();
            }
        };
    }
}
