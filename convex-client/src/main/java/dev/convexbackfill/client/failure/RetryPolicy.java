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
package dev.convexbackfill.client.failure;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When to repeat a call that failed without having been carried out. The delay doubles from {@code firstDelay} to
 * {@code maxDelay} and is drawn from its upper half at random, so that callers who failed together do not return together.
 *
 * @param giveUpAfter how long to go on, measured from the first attempt; zero never repeats
 */
public record RetryPolicy(Duration firstDelay, Duration maxDelay, Duration giveUpAfter) {

    /** Convex itself repeats a conflicting mutation after 100 ms to 2 s; coming back sooner makes contention worse. */
    public static final RetryPolicy DEFAULT = new RetryPolicy(Duration.ofMillis(250), Duration.ofSeconds(10),
            Duration.ofMinutes(1));
    public static final RetryPolicy NEVER = new RetryPolicy(Duration.ZERO, Duration.ZERO, Duration.ZERO);

    public RetryPolicy {
        if (firstDelay.isNegative() || maxDelay.compareTo(firstDelay) < 0 || giveUpAfter.isNegative()) {
            throw new IllegalArgumentException(
                    "The delays must not be negative, and 'maxDelay' (%s) not below 'firstDelay' (%s)".formatted(
                            maxDelay,
                            firstDelay));
        }
    }

    public RetryPolicy withGiveUpAfter(Duration patience) {
        return new RetryPolicy(firstDelay, maxDelay, patience);
    }

    /** How long to wait after the attempt of that number failed; the first is 1. */
    public Duration delayAfter(int attempt) {
        int doublings = Math.min(attempt - 1, 20);
        Duration full = firstDelay.multipliedBy(1L << doublings);
        Duration capped = full.compareTo(maxDelay) > 0 ? maxDelay : full;
        long nanos = capped.toNanos();
        return Duration.ofNanos(nanos - (nanos < 2 ? 0 : ThreadLocalRandom.current().nextLong(nanos / 2)));
    }
}
