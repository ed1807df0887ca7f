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

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How much memory the bodies of all requests together may take, with the values that are made of them. Who finds it used up
 * waits, and is refused after a while. Thread-safe.
 */
final class MemoryBudget {

    private static final int UNIT = 1024;
    private static final long WAIT_SECONDS = 5;

    private final int units;
    private final Semaphore left;

    MemoryBudget(long bytes) {
        this.units = Math.clamp(bytes / UNIT, 1, Integer.MAX_VALUE);
        this.left = new Semaphore(units, true);
    }

    /** Half of the heap. */
    static MemoryBudget ofThisProcess() {
        return new MemoryBudget(Runtime.getRuntime().maxMemory() / 2);
    }

    /** The share of one request; nothing at first. */
    Share share() {
        return new Share();
    }

    /** What one request has taken. For one thread. */
    final class Share implements AutoCloseable {

        private int taken;

        private Share() {}

        /** Takes what is missing to {@code bytes}. Refuses what does not come free in time, or never could. */
        void growTo(long bytes) {
            long wanted = (bytes + UNIT - 1) / UNIT;
            if (wanted <= taken) {
                return;
            }
            int more = (int) Math.min(wanted - taken, Integer.MAX_VALUE);
            if (wanted > units || !acquire(more)) {
                throw new RequestRefusedException(503, "WorkerOverloaded",
                        ("The request needs %d KiB of memory, and there are %d KiB for all of them together. Try again"
                                + " later, send less at once, or give the process a larger heap.")
                                .formatted(wanted, units));
            }
            taken += more;
        }

        private boolean acquire(int more) {
            try {
                return left.tryAcquire(more, WAIT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        @Override
        public void close() {
            left.release(taken);
            taken = 0;
        }
    }
}
