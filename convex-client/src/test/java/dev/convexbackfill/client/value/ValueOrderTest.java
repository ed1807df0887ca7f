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

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ValueOrderTest {

    @Test
    void ordersAllTypesAsConvexDoes() {
        List<@Nullable ConvexValue> inOrder = new ArrayList<>();
        inOrder.add(null);
        inOrder.add(ConvexNull.NULL);
        inOrder.addAll(List.of(ConvexValue.int64(Long.MIN_VALUE), ConvexValue.int64(-1), ConvexValue.int64(0),
                ConvexValue.int64(Long.MAX_VALUE)));
        inOrder.add(ConvexValue.number(Double.longBitsToDouble(0xfff8_0000_0000_0000L)));
        for (double number : new double[]{Double.NEGATIVE_INFINITY, -1, -Double.MIN_VALUE, -0.0, 0.0, Double.MIN_VALUE,
                1, Double.POSITIVE_INFINITY, Double.NaN}) {
            inOrder.add(ConvexValue.number(number));
        }
        inOrder.addAll(List.of(ConvexValue.of(false), ConvexValue.of(true), ConvexValue.of(""), ConvexValue.of("A"),
                ConvexValue.of("AB"), ConvexValue.of("a"), ConvexValue.of("é"), ConvexValue.of("\uffff"),
                ConvexValue.of("🗼"),
                ConvexValue.of(new byte[]{}), ConvexValue.of(new byte[]{1}), ConvexValue.of(new byte[]{-1}),
                ConvexValue.array(), ConvexValue.array(ConvexNull.NULL), ConvexValue.array(ConvexValue.number(1)),
                ConvexObject.EMPTY, ConvexObject.of("a", ConvexValue.number(1)),
                ConvexObject.of("a", ConvexValue.number(1), "b", ConvexNull.NULL),
                ConvexObject.of("a", ConvexValue.number(2)), ConvexObject.of("b", ConvexNull.NULL)));

        for (int i = 0; i < inOrder.size(); i++) {
            for (int j = 0; j < inOrder.size(); j++) {
                assertThat(Integer.signum(ValueOrder.INSTANCE.compare(inOrder.get(i), inOrder.get(j))))
                        .as("%s against %s", inOrder.get(i), inOrder.get(j))
                        .isEqualTo(Integer.compare(i, j));
            }
        }
    }

    @Test
    void ordersStringsByTheirUtf8Bytes() {
        Random random = new Random(3);
        int[] alphabet = {'a', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
        for (int i = 0; i < 5000; i++) {
            String left = random.ints(random.nextInt(4), 0, alphabet.length)
                    .collect(StringBuilder::new, (text, n) -> text.appendCodePoint(alphabet[n]), StringBuilder::append)
                    .toString();
            String right = random.ints(random.nextInt(4), 0, alphabet.length)
                    .collect(StringBuilder::new, (text, n) -> text.appendCodePoint(alphabet[n]), StringBuilder::append)
                    .toString();
            int expected = Arrays.compareUnsigned(left.getBytes(StandardCharsets.UTF_8),
                    right.getBytes(StandardCharsets.UTF_8));
            assertThat(Integer.signum(ValueOrder.compareUtf8(left, right))).isEqualTo(Integer.signum(expected));
        }
    }
}
