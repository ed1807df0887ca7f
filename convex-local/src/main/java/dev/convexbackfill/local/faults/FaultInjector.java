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
package dev.convexbackfill.local.faults;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/** Decides for each call what goes wrong with it. Thread-safe; the faults can be changed at any time. */
public final class FaultInjector {

    private final AtomicReference<Faults> faults = new AtomicReference<>(Faults.NONE);
    private final AtomicInteger forRateLimited = new AtomicInteger();
    private final AtomicInteger forOverloaded = new AtomicInteger();
    private final AtomicInteger forReset = new AtomicInteger();
    private final AtomicInteger forReplyLost = new AtomicInteger();
    private final AtomicInteger forConflict = new AtomicInteger();

    public void set(Faults now) {
        faults.set(now);
    }

    public Faults get() {
        return faults.get();
    }

    /** What befalls one call. */
    public enum Fate {
        RATE_LIMITED, OVERLOADED, RESET_BEFORE_COMMIT, REPLY_LOST
    }

    /** How long a call of {@code function} is held. */
    public Duration latency(String function) {
        Faults now = faults.get();
        return function.startsWith(now.functions()) ? now.latency() : Duration.ZERO;
    }

    /** What befalls this call of {@code function}; null if nothing does. */
    public @Nullable Fate fate(String function, boolean isMutation) {
        Faults now = faults.get();
        if (!function.startsWith(now.functions())) {
            return null;
        }
        if (isHit(forRateLimited, now.rateLimited())) {
            return Fate.RATE_LIMITED;
        }
        if (isHit(forOverloaded, now.overloaded())) {
            return Fate.OVERLOADED;
        }
        if (isMutation && isHit(forReset, now.resetBeforeCommit())) {
            return Fate.RESET_BEFORE_COMMIT;
        }
        return isMutation && isHit(forReplyLost, now.replyLost()) ? Fate.REPLY_LOST : null;
    }

    /** Whether this attempt of a mutation is treated as conflicting. */
    public boolean conflicts(String function) {
        Faults now = faults.get();
        return function.startsWith(now.functions()) && isHit(forConflict, now.conflict());
    }

    private static boolean isHit(AtomicInteger counter, int every) {
        return every > 0 && Math.floorMod(counter.incrementAndGet(), every) == 0;
    }
}
