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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException.Refusal;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Change;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Failed;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.infrastructure.item.Chunk;
import org.springframework.batch.infrastructure.item.ItemWriter;

/**
 * Applies the outcomes of slices in chunks. Documents that need no change wait for some that do, so that a table that is
 * mostly as it should be costs few mutations; what waits is not in the ledger, and is read again after a crash. A chunk that
 * is too much for one transaction is halved, and later ones grow again. For one thread.
 */
public final class ChunkWriter implements ItemWriter<TransformedSlice> {

    /** Documents that may wait: what a crash at most makes the next owner read again. */
    private static final int MAX_WAITING = 5000;

    private final RangeClaim claim;
    private final Settlement settlement;
    private final Throttle throttle;
    private final Plan.Chunk limits;
    private final StopSignal stop;
    private final WriteListener listener;
    private final List<DocumentOutcome> waiting = new ArrayList<>();
    private int maxDocuments;
    private String lastRefusal = "";

    public ChunkWriter(RangeClaim claim, Settlement settlement, Throttle throttle, Plan.Chunk limits, StopSignal stop,
            WriteListener listener) {
        this.claim = claim;
        this.settlement = settlement;
        this.throttle = throttle;
        this.limits = limits;
        this.stop = stop;
        this.listener = listener;
        this.maxDocuments = limits.documents();
    }

    /** Throws {@link JobInterruptedException} on a stop, {@link FencedException} if the range has another owner. */
    @Override
    public void write(Chunk<? extends TransformedSlice> slices) throws Exception {
        for (TransformedSlice slice : slices) {
            waiting.addAll(slice.outcomes());
            applyWhatIsDue(slice.isLast(), slice.isLast());
        }
    }

    /** Applies all that waits, without an end of the range. Throws as {@link #write}. */
    public void flush() throws JobInterruptedException {
        if (!waiting.isEmpty()) {
            applyWhatIsDue(true, false);
        }
    }

    private void applyWhatIsDue(boolean isAll, boolean isDone) throws JobInterruptedException {
        while (true) {
            int due = due();
            boolean ends = isAll && due == waiting.size();
            boolean full = due < waiting.size() || due >= MAX_WAITING || changes(waiting) >= maxDocuments;
            if (!ends && !full) {
                return;
            }
            int applied = apply(waiting.subList(0, due), ends && isDone);
            waiting.subList(0, applied).clear();
            if (ends && applied == due) {
                return;
            }
        }
    }

    /** How many of the waiting documents the next chunk takes. */
    private int due() {
        int changes = 0;
        long bytes = 0;
        for (int i = 0; i < waiting.size(); i++) {
            if (waiting.get(i) instanceof Change change) {
                changes++;
                bytes += change.size();
                if (changes > maxDocuments || (changes > 1 && bytes > limits.bytes().bytes())) {
                    return i;
                }
            }
        }
        return waiting.size();
    }

    private static int changes(List<DocumentOutcome> outcomes) {
        return (int) outcomes.stream().filter(Change.class::isInstance).count();
    }

    /** Applies the first of the outcomes, all of them if it can, and returns how many. */
    private int apply(List<DocumentOutcome> outcomes, boolean ends) throws JobInterruptedException {
        List<DocumentOutcome> part = List.copyOf(outcomes);
        long bytes = part.stream().mapToLong(outcome -> outcome instanceof Change change ? change.size() : 0).sum();
        try (Throttle.Permit permit = throttle.acquireWrite(changes(part), bytes, stop)) {
            if (permit == null || Thread.currentThread().isInterrupted()) {
                throw new JobInterruptedException("The range was left because of a stop: " + stop.reason());
            }
            Counts before = claim.entry().counts();
            while (!isApplied(part, ends && part.size() == outcomes.size())) {
                part = smaller(part);
            }
            listener.called(claim.lastCall());
            settlement.settle(claim);
            listener.written(before, claim.entry().counts());
            return part.size();
        }
    }

    /** Returns false if it is too much for one transaction; then nothing has happened. */
    private boolean isApplied(List<DocumentOutcome> part, boolean isDone) {
        try {
            claim.apply(part, isDone);
            maxDocuments = Math.min(limits.documents(), maxDocuments + Math.max(1, maxDocuments / 5));
            return true;
        } catch (LedgerRefusedException | ConvexException failure) {
            boolean canBeSmaller = part.size() > 1 || (part.size() == 1 && part.getFirst() instanceof Change);
            if (canBeSmaller && mayPassWhenSmaller(failure)) {
                lastRefusal = String.valueOf(failure.getMessage());
                return false;
            }
            throw failure;
        }
    }

    private static boolean mayPassWhenSmaller(RuntimeException failure) {
        return switch (failure) {
            case LedgerRefusedException refused -> refused.refusal() == Refusal.TOO_LARGE;
            // deployments that keep their messages to themselves say no more than that the function failed
            case ConvexException failed -> failed.category() == FailureCategory.FUNCTION_FAILED
                    && failed.data() == null;
            default -> false;
        };
    }

    private List<DocumentOutcome> smaller(List<DocumentOutcome> part) {
        if (part.size() > 1) {
            maxDocuments = Math.max(1, Math.min(maxDocuments, changes(part)) / 2);
            return part.subList(0, part.size() / 2);
        }
        String id = part.getFirst().id();
        return List.of(new Failed(id, "The deployment can't take the change: " + lastRefusal, inputDigest(id)));
    }

    /** Null if the document is gone, or even reading it is too much for the deployment. */
    private @Nullable String inputDigest(String id) {
        try {
            ConvexObject document = claim.ledger().documents(List.of(id)).getFirst();
            return document == null ? null : InputDigest.of(document);
        } catch (LedgerRefusedException | ConvexException failure) {
            if (!mayPassWhenSmaller(failure)) {
                throw failure;
            }
            return null;
        }
    }
}
