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
package dev.convexbackfill.readerswriters.throttle;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** How long this process has waited for one run, and for what: added up over all threads. Thread-safe. */
public final class Waits {

    private final Map<WaitReason, Sum> sums = new EnumMap<>(WaitReason.class);

    private static final class Sum {

        private final LongAdder times = new LongAdder();
        private final LongAdder nanos = new LongAdder();
    }

    /** Waits for one reason. */
    public record Wait(long times, Duration total) {

        public static final Wait NONE = new Wait(0, Duration.ZERO);

        public Wait plus(Wait other) {
            return new Wait(times + other.times, total.plus(other.total));
        }

        public Wait minus(Wait other) {
            return new Wait(times - other.times, total.minus(other.total));
        }
    }

    public Waits() {
        for (WaitReason reason : WaitReason.values()) {
            sums.put(reason, new Sum());
        }
    }

    /** Counts one wait; none that took no time. */
    public void add(WaitReason reason, long nanos) {
        if (nanos > 0) {
            // filled once and only read since
            Sum sum = sums.getOrDefault(reason, new Sum());
            sum.times.increment();
            sum.nanos.add(nanos);
        }
    }

    /** All so far, in whole milliseconds, by reasons that there were. */
    public Map<WaitReason, Wait> total() {
        Map<WaitReason, Wait> total = new EnumMap<>(WaitReason.class);
        sums.forEach((reason, sum) -> {
            if (sum.times.sum() > 0) {
                total.put(reason, new Wait(sum.times.sum(), Duration.ofMillis(sum.nanos.sum() / 1_000_000)));
            }
        });
        return total;
    }
}
