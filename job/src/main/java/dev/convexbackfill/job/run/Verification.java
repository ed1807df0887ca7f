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

import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.reader.DocumentPages;
import dev.convexbackfill.readerswriters.verification.Accounting;
import dev.convexbackfill.readerswriters.verification.DigestedSide;
import dev.convexbackfill.readerswriters.verification.Findings;
import dev.convexbackfill.readerswriters.verification.Mismatch;
import dev.convexbackfill.readerswriters.verification.MismatchKind;
import dev.convexbackfill.readerswriters.verification.Side;
import dev.convexbackfill.readerswriters.verification.VerificationStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** What a verification looks at, as one process knows it. Thread-safe. */
sealed interface Verification permits PlanVerification, RollbackVerification {

    /** Before something counts as wrong it is looked at again after so long. */
    Duration PAUSE = Duration.ofSeconds(1);

    /** Compares digests where it can; null where the documents themselves must be read. */
    @Nullable
    DigestedSide digests(RangeRow row);

    /** What is wrong with the documents of a range. */
    Side side(RangeRow row);

    /** Those documents. */
    DocumentPages pages(RangeRow row);

    /** Stores what is wrong with the run itself; again, it stores the same. */
    void account();

    /** Stores what only all documents together show; again, it stores the same, until {@link #forget}. */
    void compare();

    /** Deletes what was only needed to compare documents with each other. */
    void forget();

    /** Stores that tables are gone, and what the parts of the run say of each other. */
    static void store(ActiveRun active, Collection<String> goneTables, Accounting.Result accounts, Clock clock) {
        Findings findings = new Findings();
        Instant now = clock.instant();
        goneTables.forEach(table -> findings.add(Mismatch.ofRun(MismatchKind.TABLE_MISSING, table, null,
                "The deployment has no table '%s' any more".formatted(table)), now, now));
        accounts.mismatches().forEach(mismatch -> findings.add(mismatch, now, now));
        store(active, VerificationStore.RUN, findings);
    }

    /** Replaces what was found in a range. */
    static void store(ActiveRun active, int range, Findings findings) {
        RunRepository repository = active.repository();
        repository.transactions().executeWithoutResult(
                _ -> new VerificationStore(repository.jdbc()).replace(active.run().name(), range, findings));
    }
}
