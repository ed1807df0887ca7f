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
package dev.convexbackfill.benchmarks;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import java.util.Random;
import java.util.stream.IntStream;

/** Documents of the kind that apps keep: some 300 bytes, mostly short strings and numbers. */
final class Documents {

    private Documents() {}

    static ConvexArray page(int documents) {
        Random random = new Random(42);
        return ConvexValue.array(IntStream.range(0, documents).mapToObj(_ -> document(random)).toList());
    }

    private static ConvexObject document(Random random) {
        byte[] internal = new byte[DocumentId.INTERNAL_LENGTH];
        random.nextBytes(internal);
        return ConvexObject.builder()
                .put("_creationTime", 1_755_850_000_000.25 + random.nextInt(1_000_000))
                .put("_id", DocumentId.of(10001, internal).toString())
                .put("email", "person" + random.nextInt(1_000_000) + "@example.com")
                .put("fullName", "Zoë van der Berg-" + random.nextInt(1_000_000))
                .put("score", random.nextGaussian())
                .put("visits", ConvexValue.int64(random.nextInt(1000)))
                .put("active", random.nextBoolean())
                .put("tags", ConvexValue.array(ConvexValue.of("alpha"), ConvexValue.of("beta")))
                .put("address", ConvexObject.of("city", ConvexValue.of("København"), "zip", ConvexValue.of("1050")))
                .build();
    }
}
