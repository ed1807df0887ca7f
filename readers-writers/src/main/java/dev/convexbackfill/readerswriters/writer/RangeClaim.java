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
package dev.convexbackfill.readerswriters.writer;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.partitioner.ledger.Chunk;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.partitioner.ledger.LedgerEntry;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException.Refusal;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Change;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.PartlyKept;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A range that belongs to this owner, and the only way to write into it. Every chunk goes the same way: what the documents
 * held is stored in the journal, the chunk is applied by the ledger, what became of it is stored. Whoever dies in between
 * leaves a ledger from which the next owner goes on. For one thread.
 */
public final class RangeClaim {

    private final String run;
    private final String planDigest;
    private final String ledgerId;
    private final long fence;
    private final Ledger ledger;
    private final RangeStores stores;
    private final BooleanSupplier leaseIsFresh;
    private LedgerEntry entry;
    /** The number of the last chunk that was prepared. */
    private long prepared;
    private Duration lastCall = Duration.ZERO;

    private RangeClaim(String run, String planDigest, String ledgerId, long fence, Ledger ledger, RangeStores stores,
            BooleanSupplier leaseIsFresh, LedgerEntry entry) {
        this.run = run;
        this.planDigest = planDigest;
        this.ledgerId = ledgerId;
        this.fence = fence;
        this.ledger = ledger;
        this.stores = stores;
        this.leaseIsFresh = leaseIsFresh;
        this.entry = entry;
    }

    /**
     * Makes the caller the owner of a range, in the repository and in the deployment, and clears away what an earlier owner
     * prepared but did not apply. Throws {@link FencedException} if there is a newer owner.
     *
     * @param leaseIsFresh false when another owner may have come: then nothing more is written
     */
    public static RangeClaim claim(String run, int range, String planDigest, String ledgerId, long fence, Ledger ledger,
            RangeStores stores, BooleanSupplier leaseIsFresh) {
        if (!stores.ranges().own(run, range, fence)) {
            throw new FencedException("Range %d of run '%s' has a newer owner".formatted(range, run));
        }
        LedgerEntry entry;
        try {
            entry = ledger.claim(ledgerId, fence);
        } catch (LedgerRefusedException refused) {
            throw fencedOr(refused);
        }
        stores.transactions().executeWithoutResult(_ -> {
            stores.journal().settle(run, entry);
            stores.journal().deleteVoid(run, entry);
            stores.quarantine().deleteVoid(run, entry);
            stores.quarantine().deleteSkipped(run, entry);
        });
        stores.ranges().follow(run, entry);
        return new RangeClaim(run, planDigest, ledgerId, fence, ledger, stores, leaseIsFresh, entry);
    }

    /** What the ledger says now. */
    public LedgerEntry entry() {
        return entry;
    }

    /** How long the last call took that applied a chunk. */
    Duration lastCall() {
        return lastCall;
    }

    String run() {
        return run;
    }

    Ledger ledger() {
        return ledger;
    }

    /**
     * Applies what is to become of documents that follow the position, and moves the position to the last of them. Throws
     * {@link LedgerRefusedException} with TOO_LARGE if it is too much for one transaction; then nothing has happened.
     *
     * @param isDone true if the range ends there
     */
    void apply(List<DocumentOutcome> outcomes, boolean isDone) {
        String to = outcomes.isEmpty() ? entry.position() : outcomes.getLast().id();
        send(new Work(outcomes, List.of(), 0, outcomes.size(), to, isDone));
    }

    /**
     * Accounts for documents that follow the position, for which the app's own function was called, and moves the position to the
     * last of them.
     *
     * @param isDone true if the range ends there
     */
    void account(CalledDocuments called, boolean isDone) {
        String last = called.last();
        send(new Work(called.outcomes(), called.quarantined(), called.deleted(), called.size(),
                last == null ? entry.position() : last, isDone));
    }

    /** Throws {@link FencedException} if another owner may have come. */
    void requireLease() {
        if (!leaseIsFresh.getAsBoolean()) {
            throw new FencedException(
                    "Range %d of run '%s' may have another owner by now; nothing was written".formatted(entry.range(),
                            run));
        }
    }

    /**
     * Applies what is to become of the documents that the last chunk left unsettled; the position stays.
     *
     * @param quarantined of those, the ones that go into quarantine
     * @param deleted     how many of them are gone
     */
    void settle(List<DocumentOutcome> outcomes, List<QuarantinedDocument> quarantined, int deleted) {
        send(new Work(outcomes, quarantined, deleted, 0, entry.position(), entry.isDone()));
    }

    private record Work(List<DocumentOutcome> outcomes, List<QuarantinedDocument> quarantined, int deleted, int read,
            @Nullable String to, boolean isDone) {}

    private void send(Work work) {
        List<Change> changes = new ArrayList<>();
        List<QuarantinedDocument> quarantined = new ArrayList<>(work.quarantined());
        List<QuarantinedDocument> notes = new ArrayList<>();
        int unchanged = 0;
        @Nullable
        DocumentDigest untouched = DocumentDigest.NONE;
        int called = 0;
        int deleted = work.deleted();
        for (DocumentOutcome outcome : work.outcomes()) {
            switch (outcome) {
                case DocumentOutcome.Unchanged(_, DocumentDigest digest) -> {
                    unchanged++;
                    untouched = untouched == null || digest == null ? null : untouched.plus(digest);
                }
                case DocumentOutcome.Gone _ -> deleted++;
                case Change change -> {
                    changes.add(change);
                    if (change instanceof PartlyKept(_, String message, String input)) {
                        notes.add(new QuarantinedDocument(change.id(), Reason.CHANGED_SINCE, message, input));
                    }
                }
                case DocumentOutcome.Kept(String id, String message, String input) -> quarantined
                        .add(new QuarantinedDocument(id, Reason.CHANGED_SINCE, message, input));
                case DocumentOutcome.Call _ -> called++;
                case DocumentOutcome.Failed(String id, String message, String input) -> quarantined
                        .add(new QuarantinedDocument(id, Reason.TRANSFORM, message, input));
            }
        }
        Chunk chunk = new Chunk(ledgerId, fence, entry.sequence() + 1, entry.position(), work.to(), work.isDone(),
                work.read(), unchanged, deleted, quarantined.size(), called,
                ConvexValue.array(changes.stream().map(Change::toValue).toList()));
        quarantined.addAll(notes);
        boolean isJournaled = !changes.isEmpty() || (unchanged > 0 && untouched != null);
        ConvexArray journaled = ConvexValue.array(changes.stream().map(Change::toJournal).toList());
        prepare(chunk, journaled, quarantined, isJournaled, untouched);
        requireLease();
        LedgerEntry after;
        long begin = System.nanoTime();
        try {
            after = ledger.apply(chunk);
            lastCall = Duration.ofNanos(System.nanoTime() - begin);
        } catch (LedgerRefusedException refused) {
            throw fencedOr(refused);
        }
        stores.transactions().executeWithoutResult(_ -> {
            if (isJournaled) {
                stores.journal().settle(run, after, () -> journaled);
                stores.quarantine().deleteSkipped(run, after);
            }
            stores.ranges().follow(run, after);
        });
        entry = after;
    }

    private void prepare(Chunk chunk, ConvexArray journaled, List<QuarantinedDocument> quarantined,
            boolean isJournaled, @Nullable DocumentDigest untouched) {
        if (!isJournaled && quarantined.isEmpty()) {
            return;
        }
        stores.transactions().executeWithoutResult(_ -> {
            // locks the range's row, so that no newer owner can come before this is stored
            if (!stores.ranges().own(run, entry.range(), fence)) {
                throw new FencedException(
                        "Range %d of run '%s' has a newer owner; nothing was written".formatted(entry.range(), run));
            }
            if (prepared == chunk.sequence()) {
                // an attempt with the same number was too large
                stores.journal().deleteVoid(run, entry);
                stores.quarantine().deleteVoid(run, entry);
            }
            if (isJournaled) {
                stores.journal().record(run, entry.range(), chunk, journaled, untouched);
            }
            stores.quarantine().record(run, entry.range(), chunk, planDigest, quarantined);
        });
        prepared = chunk.sequence();
    }

    private static RuntimeException fencedOr(LedgerRefusedException refused) {
        return refused.refusal() == Refusal.FENCED || refused.refusal() == Refusal.UNCLAIMED
                ? new FencedException(String.valueOf(refused.getMessage()))
                : refused;
    }
}
