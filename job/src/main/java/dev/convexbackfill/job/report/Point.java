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
package dev.convexbackfill.job.report;

import dev.convexbackfill.job.history.Sample;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.throttle.CallTimes.Calls;
import dev.convexbackfill.readerswriters.throttle.WaitReason;
import dev.convexbackfill.readerswriters.throttle.Waits.Wait;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A {@link Sample} as it is reported.
 *
 * @param execution    the number of the execution that it is of
 * @param workedMillis of the time from {@code from} to {@code to}, in which a process executed the run
 * @param calls        that were answered
 * @param callMillis   all of them took together
 */
public record Point(int execution, Instant from, Instant to, long workedMillis, long read, long changed,
        long unchanged, long gone, long quarantined, long conflicts, long calls, long callMillis,
        long longestCallMillis, List<Waited> waits) {

    public Point {
        waits = List.copyOf(waits);
    }

    /** What was waited for; {@code millis} of all threads together. */
    public record Waited(WaitReason reason, long times, long millis) {}

    static Point of(Sample sample) {
        Counts counts = sample.counts();
        return new Point(sample.execution(), sample.beganAt(), sample.endedAt(), sample.worked().toMillis(),
                counts.read(), counts.changed(), counts.unchanged(), counts.deleted(), counts.quarantined(),
                counts.conflicts(), sample.calls().number(), sample.calls().total().toMillis(),
                sample.calls().longest().toMillis(),
                sample.waits().entrySet().stream().sorted(Map.Entry.comparingByKey()).map(wait -> new Waited(
                        wait.getKey(), wait.getValue().times(), wait.getValue().total().toMillis())).toList());
    }

    Sample sample() {
        Map<WaitReason, Wait> all = new EnumMap<>(WaitReason.class);
        waits.forEach(wait -> all.put(wait.reason(), new Wait(wait.times(), Duration.ofMillis(wait.millis()))));
        return new Sample(execution, from, to, Duration.ofMillis(workedMillis),
                new Counts(read, changed, unchanged, gone, quarantined, conflicts),
                new Calls(calls, Duration.ofMillis(callMillis), Duration.ofMillis(longestCallMillis)), all);
    }
}
