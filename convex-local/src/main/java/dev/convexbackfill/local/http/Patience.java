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
package dev.convexbackfill.local.http;

import java.time.Duration;

/** How long a body may take to arrive: for a while at any speed, then only at a fair one. For one request. */
final class Patience {

    private static final Duration ANY_SPEED = Duration.ofSeconds(30);
    private static final long BYTES_PER_SECOND = 1024;

    private final long begun = System.nanoTime();

    /** Refuses a sender of whose body only {@code length} bytes have come by now. */
    void require(long length) {
        Duration taken = Duration.ofNanos(System.nanoTime() - begun);
        if (taken.compareTo(ANY_SPEED.plusSeconds(length / BYTES_PER_SECOND)) > 0) {
            throw new RequestRefusedException(408, "RequestTimeout",
                    "Only %d bytes of the body came in %d s".formatted(length, taken.toSeconds()));
        }
    }
}
