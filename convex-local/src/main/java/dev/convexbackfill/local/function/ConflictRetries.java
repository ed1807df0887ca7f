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
package dev.convexbackfill.local.function;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.local.limits.RateLimitedException;
import dev.convexbackfill.local.store.ConflictException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** Tries what others may be in the way of, as often as Convex does. Thread-safe. */
final class ConflictRetries {

    /** Source: {@code UDF_EXECUTOR_OCC_MAX_RETRIES} and its back-off in the Convex backend. */
    private static final int RETRIES = 4;
    private static final Duration FIRST_DELAY = Duration.ofMillis(100);
    private static final Duration MAX_DELAY = Duration.ofSeconds(2);

    private final StopSignal closing;

    /** {@code closing} ends waits between attempts. */
    ConflictRetries(StopSignal closing) {
        this.closing = closing;
    }

    /**
     * Returns what the first attempt returns that does not conflict. Also waits for a while if too much was written lately.
     * Throws {@link ConflictException} or {@link RateLimitedException} if that goes on.
     */
    <T> T run(Supplier<T> attempt) {
        for (int failures = 0;; failures++) {
            try {
                return attempt.get();
            } catch (ConflictException conflict) {
                if (failures == RETRIES || closing.await(delay(failures))) {
                    throw conflict;
                }
            } catch (RateLimitedException limited) {
                if (!limited.passesByItself() || failures == RETRIES || closing.await(delay(failures))) {
                    throw limited;
                }
            }
        }
    }

    private static Duration delay(int failures) {
        long full = Math.min(FIRST_DELAY.toMillis() << failures, MAX_DELAY.toMillis());
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(full / 2, full + 1));
    }
}
