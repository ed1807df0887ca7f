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
package dev.convexbackfill.job.rehearsal;

import dev.convexbackfill.config.plan.ByteSize;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Sink;
import dev.convexbackfill.job.rehearsal.RehearsalReport.Counts;
import dev.convexbackfill.job.run.PagesOfRun;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a run over the whole table would take. Without conflicts, retries, and what the app's own indexes cost.
 *
 * @param isExact      true if every document was read; otherwise the numbers are scaled up from those that were
 * @param documents    of the table
 * @param pages        queries that read pages
 * @param chunks       mutations that apply changes, or only move a position
 * @param settlements  mutations that put into quarantine what the deployment refused
 * @param functionCalls all together, with those that begin the run
 * @param bytesRead    between functions and the database
 * @param bytesWritten between functions and the database
 * @param journalBytes what the repository keeps so that the run can be undone, compressed; the new ids of copies come on top
 * @param atThrottle   how long the plan's rates let it take at least; null if it has none
 * @param atReadSpeed  how long reading takes at the speed of the rehearsal; null if that was not measured
 */
public record RunEstimate(boolean isExact, long documents, long changed, long quarantined, long failing, long pages,
        long chunks, long settlements, long functionCalls, long bytesRead, long bytesWritten, long journalBytes,
        @Nullable Duration atThrottle, @Nullable Duration atReadSpeed) {

    /** A ledger row with its counts and positions, as Convex counts; what it holds of rejected documents comes on top. */
    private static final int LEDGER_ROW_BYTES = 600;
    /** Rows of the ledger that one query reads. */
    private static final int ROWS_PER_READ = 50;

    /** What was measured while reading. */
    record Measured(Counts counts, long pages, long chunks, long settlements, JournalTally journal) {}

    /**
     * For a table of which every document was read, in {@code elapsed}. A run that searches an index reads otherwise, so that there
     * it is no more than about right.
     */
    static RunEstimate whole(Plan plan, Measured measured, Duration elapsed) {
        return of(!plan.where().isSearched() && plan.sink() == null, plan, measured, measured.counts().read(),
                measured.counts().read() == 0 ? null : elapsed);
    }

    /**
     * For a table of {@code documents} of which some were read.
     *
     * @param atReadSpeed null if reading them tells nothing about reading all
     */
    static RunEstimate scaled(Plan plan, Measured measured, long documents, @Nullable Duration atReadSpeed) {
        Counts counts = measured.counts();
        double factor = counts.read() == 0 ? 0 : documents / (double) counts.read();
        Counts all = new Counts(documents, scaled(counts.changed(), factor), scaled(counts.unchanged(), factor),
                scaled(counts.quarantined(), factor), scaled(counts.failing(), factor),
                scaled(counts.bytesRead(), factor), scaled(counts.sent(), factor), scaled(counts.bytesSent(), factor),
                scaled(counts.bytesWritten(), factor));
        long full = Math.max(divided(all.sent(), plan.chunk().documents()),
                divided(all.bytesSent(), plan.chunk().bytes().bytes()));
        long pages = Math.max(divided(documents, PagesOfRun.maxDocuments(plan)),
                divided(all.bytesRead(), PagesOfRun.maxBytes(plan))) + plan.ranges();
        long rejected = all.sent() - all.changed();
        return of(false, plan,
                new Measured(all, pages, full + plan.ranges(), Math.min(rejected, full), measured.journal()), documents,
                atReadSpeed);
    }

    private static long scaled(long number, double factor) {
        return Math.round(number * factor);
    }

    private static long divided(long amount, long by) {
        return (amount + by - 1) / by;
    }

    private static RunEstimate of(boolean isExact, Plan plan, Measured measured, long documents,
            @Nullable Duration atReadSpeed) {
        Counts counts = measured.counts();
        long mutations = measured.chunks() + measured.settlements();
        long claims = plan.ranges();
        long ledgerReads = 2 * divided(plan.ranges(), ROWS_PER_READ);
        // before each mutation that settles, what it is about is read again
        long calls = measured.pages() + mutations + measured.settlements() + claims + 1 + ledgerReads
                + ownCalls(plan, counts);
        // a mutation reads each document twice: to compare it, and to patch it
        long read = counts.bytesRead() + 2 * counts.bytesSent()
                + LEDGER_ROW_BYTES * (2 * mutations + 2 * claims + ledgerReads * ROWS_PER_READ);
        long written = counts.bytesWritten() + LEDGER_ROW_BYTES * (mutations + 2 * claims);
        return new RunEstimate(isExact, documents, counts.changed(), counts.quarantined(), counts.failing(),
                measured.pages(), measured.chunks(), measured.settlements(), calls, read, written,
                measured.journal().bytes(counts.sent(), measured.chunks()),
                atThrottle(plan.throttle(), counts), atReadSpeed);
    }

    /** Of a function of the app's own that writes; those that fail and are halved come on top. */
    private static long ownCalls(Plan plan, Counts counts) {
        Sink sink = plan.sink();
        if (sink == null) {
            return 0;
        }
        return switch (sink.per()) {
            case DOCUMENT -> counts.sent();
            case CHUNK -> divided(counts.sent(), plan.chunk().documents());
        };
    }

    private static @Nullable Duration atThrottle(Plan.Throttle throttle, Counts counts) {
        Integer documents = throttle.documentsPerSecond();
        ByteSize bytes = throttle.bytesPerSecond();
        if (documents == null && bytes == null) {
            return null;
        }
        double seconds = Math.max(documents == null ? 0 : counts.sent() / (double) documents,
                bytes == null ? 0 : counts.bytesSent() / (double) bytes.bytes());
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

    /** The longer of the two; null if neither is known. */
    public @Nullable Duration atLeast() {
        if (atThrottle == null || atReadSpeed == null) {
            return atThrottle == null ? atReadSpeed : atThrottle;
        }
        return atThrottle.compareTo(atReadSpeed) > 0 ? atThrottle : atReadSpeed;
    }
}
