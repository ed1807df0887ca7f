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
package dev.convexbackfill.job.history;

import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.throttle.CallTimes.Calls;
import dev.convexbackfill.readerswriters.throttle.WaitReason;
import dev.convexbackfill.readerswriters.throttle.Waits.Wait;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a run has done in a stretch of time.
 *
 * @param execution number of the {@link Execution} that it belongs to, the last of them if it belongs to several
 * @param worked    less than from {@code beganAt} to {@code endedAt} where no process executed the run for a part of it
 * @param counts    what became of documents
 * @param waits     of all threads together, so they may add up to more than the time worked
 */
public record Sample(int execution, Instant beganAt, Instant endedAt, Duration worked, Counts counts, Calls calls,
        Map<WaitReason, Wait> waits) {

    public Sample {
        waits = Map.copyOf(waits);
        if (endedAt.isBefore(beganAt) || worked.isNegative()) {
            throw new IllegalArgumentException("A sample from %s to %s with %s of work".formatted(beganAt, endedAt,
                    worked));
        }
    }

    /** This one and the next as one. Nothing is lost but when in between. */
    public Sample plus(Sample next) {
        Map<WaitReason, Wait> all = new EnumMap<>(WaitReason.class);
        all.putAll(waits);
        next.waits.forEach((reason, wait) -> all.merge(reason, wait, Wait::plus));
        return new Sample(next.execution, beganAt, next.endedAt.isBefore(endedAt) ? endedAt : next.endedAt,
                worked.plus(next.worked), counts.plus(next.counts), calls.plus(next.calls), all);
    }
}
