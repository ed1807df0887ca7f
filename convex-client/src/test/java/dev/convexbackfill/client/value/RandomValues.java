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

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Values of every type, with a liking for the odd ones. */
final class RandomValues {

    private static final List<String> TEXTS = List.of("", "a", "\u0000", "Zürich", "東京", "🗼\uffff", "\"\\\n",
            "a".repeat(300));
    private static final double[] NUMBERS = {0.0, -0.0, 1, -1, 0.1, 1e308, Double.MIN_VALUE, Double.NaN,
            Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 9007199254740991.0};
    private static final long[] INTEGERS = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 53};

    private final Random random;

    RandomValues(Random random) {
        this.random = random;
    }

    ConvexValue next(int depth) {
        return switch (random.nextInt(depth > 0 ? 9 : 7)) {
            case 0 -> ConvexNull.NULL;
            case 1 -> ConvexValue.of(random.nextBoolean());
            case 2 -> ConvexValue
                    .int64(random.nextBoolean() ? INTEGERS[random.nextInt(INTEGERS.length)] : random.nextLong());
            case 3 -> ConvexValue.number(NUMBERS[random.nextInt(NUMBERS.length)]);
            case 4 -> ConvexValue.number(random.nextGaussian() * 1000);
            case 5 -> ConvexValue.of(TEXTS.get(random.nextInt(TEXTS.size())));
            case 6 -> {
                byte[] bytes = new byte[random.nextInt(5)];
                random.nextBytes(bytes);
                yield ConvexValue.of(bytes);
            }
            case 7 -> ConvexValue.array(IntStream.range(0, random.nextInt(5)).mapToObj(_ -> next(depth - 1)).toList());
            default -> {
                ConvexObject.Builder object = ConvexObject.builder();
                IntStream.range(0, random.nextInt(5))
                        .forEach(_ -> object.put("f" + random.nextInt(9), next(depth - 1)));
                yield object.build();
            }
        };
    }
}
