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

import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.writer.RangeClaim;

/** A run that is to be undone, with its replays. */
final class UndoneRun {

    private UndoneRun() {}

    /**
     * Makes nobody the owner of its ranges: what a process that was silent still sends is refused from now on, and what was
     * applied before is in the journal, to the last chunk.
     */
    static void secure(String name, RunRepository repository, Ledger ledger) {
        for (Run run : repository.runs().family(name)) {
            if (run.state() != RunState.COMPLETED) {
                repository.stores().ranges().list(run.name()).forEach(row -> secure(run, row, repository, ledger));
            }
        }
    }

    private static void secure(Run run, RangeRow row, RunRepository repository, Ledger ledger) {
        String id = row.ledger();
        if (id != null) {
            RangeClaim.claim(run.name(), row.range().number(), run.planDigest(), id, row.fence() + 1, ledger,
                    repository.stores(), () -> true);
        }
    }
}
