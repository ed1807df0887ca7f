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
package dev.convexbackfill.readerswriters.verification;

import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a run from its ranges, as they were when the verification began to look.
 *
 * @param rows          of the run, by number
 * @param isComplete    true if the run is: then every document is due
 * @param inDoubt       ids that the run has come to, and of which it may not know yet what became
 * @param brokenRanges  whose journal is not whole
 * @param beganAt       see {@link RunFacts#beganAt}
 */
public record VerifiedRanges(List<RangeRow> rows, boolean isComplete, Set<String> inDoubt, Set<Integer> brokenRanges,
        double beganAt, boolean isPlanKnown) implements RunFacts {

    public VerifiedRanges {
        rows = List.copyOf(rows);
        inDoubt = Set.copyOf(inDoubt);
        brokenRanges = Set.copyOf(brokenRanges);
    }

    @Override
    public boolean isDue(String id) {
        if (isComplete) {
            return true;
        }
        RangeRow row = rowOf(id);
        String position = row == null ? null : row.position();
        return row != null && !inDoubt.contains(id)
                && (row.isDone() || (position != null && id.compareTo(position) <= 0));
    }

    @Override
    public boolean isJournalWhole(String id) {
        RangeRow row = rowOf(id);
        return row != null && !brokenRanges.contains(row.range().number());
    }

    private @Nullable RangeRow rowOf(String id) {
        for (RangeRow row : rows) {
            String after = row.range().after();
            String through = row.range().through();
            if ((after == null || id.compareTo(after) > 0) && (through == null || id.compareTo(through) <= 0)) {
                return row;
            }
        }
        return null;
    }
}
