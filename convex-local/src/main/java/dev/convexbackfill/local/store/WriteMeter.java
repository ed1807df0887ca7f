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

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** How much was committed lately. Thread-safe. */
final class WriteMeter {

    /** Source: {@code WRITE_THROUGHPUT_WINDOW} of the Convex backend. */
    static final Duration WINDOW = Duration.ofSeconds(1);

    private final Deque<Written> written = new ArrayDeque<>();
    private long total;

    private record Written(long timestamp, long bytes) {}

    /** {@code timestamp} is in nanoseconds since 1970, and not before that of the last call. */
    synchronized void add(long timestamp, long bytes) {
        forgetBefore(timestamp - WINDOW.toNanos());
        written.add(new Written(timestamp, bytes));
        total += bytes;
    }

    /** How many bytes were written in the {@link #WINDOW} before {@code timestamp}. */
    synchronized long bytes(long timestamp) {
        forgetBefore(timestamp - WINDOW.toNanos());
        return total;
    }

    private void forgetBefore(long timestamp) {
        while (!written.isEmpty() && written.getFirst().timestamp() < timestamp) {
            total -= written.removeFirst().bytes();
        }
    }
}
