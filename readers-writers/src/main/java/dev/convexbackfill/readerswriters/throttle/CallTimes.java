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
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** How long the deployment took to answer calls of this process for one run. Thread-safe. */
public final class CallTimes {

    private final LongAdder number = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAccumulator longest = new LongAccumulator(Math::max, 0);

    /**
     * Calls that were answered.
     *
     * @param total   of their times, each from sending to the answer
     * @param longest of them
     */
    public record Calls(long number, Duration total, Duration longest) {

        public static final Calls NONE = new Calls(0, Duration.ZERO, Duration.ZERO);

        public Calls plus(Calls other) {
            return new Calls(number + other.number, total.plus(other.total),
                    longest.compareTo(other.longest) >= 0 ? longest : other.longest);
        }
    }

    public void add(Duration took) {
        number.increment();
        nanos.add(took.toNanos());
        longest.accumulate(took.toNanos());
    }

    /** Those since it was last asked, in whole milliseconds. */
    public Calls take() {
        return new Calls(number.sumThenReset(), Duration.ofMillis(nanos.sumThenReset() / 1_000_000),
                Duration.ofMillis(longest.getThenReset() / 1_000_000));
    }
}
