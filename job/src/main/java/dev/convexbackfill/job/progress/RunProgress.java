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
package dev.convexbackfill.job.progress;

import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.writer.RangeStores;
import java.util.List;

/**
 * How far a run is.
 *
 * @param fraction   of the table, from 0 to 1; documents lie evenly over the id space, so it needs no count
 * @param unsettled  documents that conflicted and are tried again
 * @param inQuarantine of those that could not be changed, the ones that no replay has settled since
 */
public record RunProgress(Run run, int ranges, int rangesDone, double fraction, Counts counts, long unsettled,
        long inQuarantine) {

    /** As the repository has it. */
    public static RunProgress of(Run run, RangeStores stores) {
        RunProgress progress = of(run, stores.ranges().list(run.name()));
        boolean mayBeReplayed = run.state() == RunState.COMPLETED && progress.counts().quarantined() > 0
                && run.replayOf() == null;
        // documents of which a rollback has put back only some fields count as changed
        return mayBeReplayed || run.kind() instanceof RunKind.Rollback
                ? new RunProgress(run, progress.ranges(), progress.rangesDone(), progress.fraction(), progress.counts(),
                        progress.unsettled(), stores.quarantine().count(run.name()))
                : progress;
    }

    public static RunProgress of(Run run, List<RangeRow> rows) {
        Counts counts = Counts.NONE;
        double fraction = 0;
        int done = 0;
        long unsettled = 0;
        for (RangeRow row : rows) {
            counts = counts.plus(row.counts());
            fraction += row.fraction();
            done += row.isDone() && row.unsettled() == 0 ? 1 : 0;
            unsettled += row.unsettled();
        }
        return new RunProgress(run, rows.size(), done, rows.isEmpty() ? 0 : fraction / rows.size(), counts, unsettled,
                counts.quarantined());
    }
}
