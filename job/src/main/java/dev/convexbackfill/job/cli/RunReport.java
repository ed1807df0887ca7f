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
package dev.convexbackfill.job.cli;

import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says what became of a run. */
final class RunReport {

    private RunReport() {}

    static Map<String, @Nullable Object> toMap(RunProgress progress) {
        Run run = progress.run();
        Counts counts = progress.counts();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("run", run.name());
        map.put("state", run.state().name());
        map.put("table", run.table());
        map.put("deployment", run.deploymentUrl());
        map.put("reason", run.reason());
        map.put("fraction", Math.round(progress.fraction() * 10_000) / 10_000.0);
        map.put("ranges", progress.ranges());
        map.put("rangesDone", progress.rangesDone());
        map.put("read", counts.read());
        map.put("changed", counts.changed());
        map.put("unchanged", counts.unchanged());
        map.put("deleted", counts.deleted());
        map.put("conflicts", counts.conflicts());
        map.put("quarantined", counts.quarantined());
        map.put("unsettled", progress.unsettled());
        map.put("createdAt", run.createdAt().toString());
        map.put("startedAt", run.startedAt() == null ? null : run.startedAt().toString());
        map.put("endedAt", run.endedAt() == null ? null : run.endedAt().toString());
        return map;
    }

    /** What a run has done, as a table. */
    static String summary(RunProgress progress, double documentsPerSecond, Duration elapsed) {
        Counts counts = progress.counts();
        return """
                  read         %12s
                  changed      %12s
                  unchanged    %12s
                  deleted      %12s   gone before the run came to them
                  conflicts    %12s   changed by the app meanwhile, and tried again
                  quarantined  %12s   could not be changed
                  documents/s  %12s   over %s
                """.indent(2).stripTrailing().formatted(ProgressText.number(counts.read()),
                ProgressText.number(counts.changed()), ProgressText.number(counts.unchanged()),
                ProgressText.number(counts.deleted()), ProgressText.number(counts.conflicts()),
                ProgressText.number(counts.quarantined()), ProgressText.number(Math.round(documentsPerSecond)),
                ProgressText.duration(elapsed));
    }
}
