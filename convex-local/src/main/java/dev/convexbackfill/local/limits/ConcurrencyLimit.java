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
package dev.convexbackfill.local.limits;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Lets only so many functions of one kind run at once; the others wait in order. Thread-safe. */
public final class ConcurrencyLimit {

    private final String kind;
    private final int permits;
    private final Duration queueing;
    private final Semaphore semaphore;

    /** {@code kind} is what messages call the functions, as in {@code mutation}. */
    public ConcurrencyLimit(String kind, int permits, Duration queueing) {
        this.kind = kind;
        this.permits = permits;
        this.queueing = queueing;
        this.semaphore = new Semaphore(permits, true);
    }

    /** A function that may run until this is closed. */
    public interface Permit extends AutoCloseable {

        @Override
        void close();
    }

    /** Waits for its turn, and throws {@link RateLimitedException} if that does not come in time or the thread is interrupted. */
    public Permit acquire() {
        try {
            if (semaphore.tryAcquire(queueing.toNanos(), TimeUnit.NANOSECONDS)) {
                return semaphore::release;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        throw RateLimitedException.tooManyConcurrent(permits, kind);
    }

    /** How many calls wait for their turn. */
    public int waiting() {
        return semaphore.getQueueLength();
    }
}
