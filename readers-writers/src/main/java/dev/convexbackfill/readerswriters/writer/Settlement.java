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
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Skip;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException.Refusal;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import dev.convexbackfill.readerswriters.throttle.WaitReason;
import dev.convexbackfill.readerswriters.throttle.Waits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;

/**
 * Settles the documents that a chunk left alone: those that the app had changed are read, transformed and applied again, a
 * bounded number of times; those that the deployment refused go into quarantine.
 */
public final class Settlement {

    private static final int MAX_ATTEMPTS = 8;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);

    private final RangeTransformer transformer;
    private final StopSignal stop;
    private final boolean restores;
    private final Waits waits;

    /** {@code restores} says that documents are gone before the run inserts them. */
    public Settlement(RangeTransformer transformer, StopSignal stop, boolean restores, Waits waits) {
        this.transformer = transformer;
        this.restores = restores;
        this.stop = stop;
        this.waits = waits;
    }

    /** Returns when nothing is left to settle. Throws {@link JobInterruptedException} on a stop; the ledger remembers the rest. */
    public void settle(RangeClaim claim) throws JobInterruptedException {
        for (int attempt = 1; !claim.entry().unsettled().isEmpty(); attempt++) {
            if (attempt > 1) {
                pause(FIRST_PAUSE.multipliedBy(1L << Math.min(attempt - 2, 6)));
            }
            try {
                settleOnce(claim, attempt >= MAX_ATTEMPTS
                        ? "The app changed it each of the %d times that the run tried".formatted(MAX_ATTEMPTS)
                        : null);
            } catch (LedgerRefusedException refused) {
                if (refused.refusal() != Refusal.TOO_LARGE) {
                    throw refused;
                }
                // rare: they have grown since they were applied together with others
                settleOnce(claim, "It conflicted, and could not be tried again: " + refused.getMessage());
            }
        }
    }

    private void pause(Duration pause) throws JobInterruptedException {
        if (stop.await(pause)) {
            throw new JobInterruptedException("The range was left because of a stop: " + stop.reason());
        }
        waits.add(WaitReason.CONFLICTS, pause.toNanos());
    }

    /** {@code giveUp} says why conflicts go into quarantine instead of being tried again; null to try. */
    private void settleOnce(RangeClaim claim, @Nullable String giveUp) throws JobInterruptedException {
        List<Skip> unsettled = claim.entry().unsettled();
        List<@Nullable ConvexObject> documents = claim.ledger().documents(unsettled.stream().map(Skip::id).toList());
        List<ConvexObject> again = new ArrayList<>();
        List<QuarantinedDocument> quarantined = new ArrayList<>();
        int deleted = 0;
        for (int i = 0; i < unsettled.size(); i++) {
            ConvexObject document = documents.get(i);
            if (document == null) {
                if (restores && unsettled.get(i) instanceof Skip.Rejected(String id, String message)) {
                    quarantined.add(new QuarantinedDocument(id, Reason.REJECTED, message, null));
                } else {
                    deleted++;
                }
                continue;
            }
            switch (unsettled.get(i)) {
                case Skip.Rejected(String id, String message) -> quarantined
                        .add(new QuarantinedDocument(id, Reason.REJECTED, message, InputDigest.of(document)));
                case Skip.Conflict(String id) when giveUp != null -> quarantined
                        .add(new QuarantinedDocument(id, Reason.CONFLICT, giveUp, InputDigest.of(document)));
                case Skip.Conflict _ -> again.add(document);
                case Skip.Missing _ -> throw new IllegalStateException("A missing document is settled by itself");
            }
        }
        claim.settle(transformer.transform(again), quarantined, deleted);
    }
}
