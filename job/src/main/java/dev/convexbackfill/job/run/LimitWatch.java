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
package dev.convexbackfill.job.run;

import dev.convexbackfill.config.plan.Allowance;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.partitioner.range.RangeStore;
import dev.convexbackfill.readerswriters.writer.WriteListener;
import java.time.Duration;

/** Stops a run once writing a range shows that more goes wrong than its plan allows. */
final class LimitWatch implements WriteListener {

    private final ActiveRun active;
    private final Range range;
    private final RangeStore ranges;
    private final RunStore runs;

    LimitWatch(ActiveRun active, Range range, RangeStore ranges, RunStore runs) {
        this.active = active;
        this.range = range;
        this.ranges = ranges;
        this.runs = runs;
    }

    /** What the app has written since is not for a rollback to judge, and who undoes something wants it undone. */
    private boolean isJudged() {
        return !(active.run().kind() instanceof RunKind.Rollback);
    }

    @Override
    public void called(Duration time) {
        if (isJudged()) {
            active.pressure().called(time).ifPresent(found -> stop(("%s, last in range %d of '%s', and the plan stops"
                    + " above %d ms. Let the deployment come to rest, or lower 'throttle', or raise 'stopWhen.latency'")
                    .formatted(found, range.number(), active.run().table(), active.pressure().latencyAllowed())));
        }
    }

    @Override
    public void written(Counts before, Counts after) {
        if (!isJudged()) {
            return;
        }
        if (after.quarantined() > before.quarantined()) {
            stopIfTooMuchQuarantine();
        }
        active.pressure().written(after.read() - before.read(), after.conflicts() - before.conflicts())
                .ifPresent(
                        found -> stop(("%s, last in range %d of '%s', and the plan stops above %s. Wait until the app"
                                + " writes less, or make 'chunk.documents' smaller, or raise 'stopWhen.conflicts'")
                                .formatted(found,
                                        range.number(), active.run().table(), active.plan().stopWhen().conflicts())));
    }

    private void stopIfTooMuchQuarantine() {
        String run = active.run().name();
        Allowance allowed = active.plan().quarantine();
        long quarantined = ranges.quarantined(run);
        if (allowed.isTooMuch(quarantined, ranges.read(run))) {
            stop(("%d documents are in quarantine, and the plan stops above %s. See why: ./backfill quarantine"
                    + " %s. Then correct the plan, or raise its quarantine.stopAbove").formatted(quarantined, allowed,
                            run));
        }
    }

    private void stop(String reason) {
        runs.requestStop(active.run().name(), reason);
        active.stop().give(reason);
    }
}
