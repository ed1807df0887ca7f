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
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Sink.Per;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import dev.convexbackfill.readerswriters.throttle.WaitReason;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.infrastructure.item.Chunk;
import org.springframework.batch.infrastructure.item.ItemWriter;

/**
 * Has a function of the app's own write the outcomes of slices, and accounts for each slice in the ledger once all of its
 * documents are taken or in quarantine. Whoever dies in between leaves a slice for which the next owner calls again. A call for
 * several documents that fails is halved until those that fail are found. For one thread.
 */
public final class FunctionWriter implements ItemWriter<TransformedSlice> {

    /** Documents that may wait for one that needs a call: what a crash at most makes the next owner read again. */
    private static final int MAX_WAITING = 5000;
    private static final int MAX_ATTEMPTS = 8;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);

    private final RangeClaim claim;
    private final FunctionCaller caller;
    private final Per per;
    private final RangeTransformer transformer;
    private final Throttle throttle;
    private final Plan.Chunk limits;
    private final StopSignal stop;
    private final WriteListener listener;
    private final List<DocumentOutcome> waiting = new ArrayList<>();
    private int maxDocuments;

    /**
     * @param transformer of the documents that have changed meanwhile
     * @param stop        given when no more calls are to be begun
     */
    public FunctionWriter(RangeClaim claim, FunctionCaller caller, Per per, RangeTransformer transformer,
            Throttle throttle, Plan.Chunk limits, StopSignal stop, WriteListener listener) {
        this.claim = claim;
        this.caller = caller;
        this.per = per;
        this.transformer = transformer;
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
            if (slice.isLast() || waiting.size() >= MAX_WAITING || waiting.stream().anyMatch(Call.class::isInstance)) {
                List<DocumentOutcome> due = List.copyOf(waiting);
                waiting.clear();
                write(due, slice.isLast());
            }
        }
    }

    private void write(List<DocumentOutcome> due, boolean isLast) throws JobInterruptedException {
        CalledDocuments done = new CalledDocuments();
        Counts before = claim.entry().counts();
        try {
            call(due, done);
        } catch (JobInterruptedException | RuntimeException left) {
            accountBeforeLeaving(done, left);
            throw left;
        }
        claim.account(done, isLast);
        listener.written(before, claim.entry().counts());
    }

    /** So that the next owner need not call again for documents that are done. */
    private void accountBeforeLeaving(CalledDocuments done, Exception left) {
        if (done.size() > 0) {
            try {
                claim.account(done, false);
            } catch (RuntimeException lost) {
                left.addSuppressed(lost);
            }
        }
    }

    private void call(List<DocumentOutcome> due, CalledDocuments done) throws JobInterruptedException {
        int begin = 0;
        while (begin < due.size()) {
            int end = end(due, begin);
            callTogether(due.subList(begin, end), done);
            begin = end;
        }
    }

    /** Where the documents end that one call takes, and those that need none between them. */
    private int end(List<DocumentOutcome> due, int begin) {
        int calls = 0;
        long bytes = 0;
        for (int i = begin; i < due.size(); i++) {
            if (due.get(i) instanceof Call call) {
                calls++;
                bytes += call.size();
                if (calls > 1 && (per == Per.DOCUMENT || calls > maxDocuments || bytes > limits.bytes().bytes())) {
                    return i;
                }
            }
        }
        return due.size();
    }

    private void callTogether(List<DocumentOutcome> part, CalledDocuments done) throws JobInterruptedException {
        List<Call> calls = part.stream().filter(Call.class::isInstance).map(Call.class::cast).toList();
        if (calls.size() <= 1) {
            for (DocumentOutcome outcome : part) {
                if (outcome instanceof Call call) {
                    callAlone(call, done);
                } else {
                    done.add(outcome);
                }
            }
            return;
        }
        switch (send(calls)) {
            case CallAnswer.Taken _ -> {
                part.forEach(done::add);
                maxDocuments = Math.min(limits.documents(), maxDocuments + Math.max(1, maxDocuments / 5));
            }
            case CallAnswer.TooLarge _ -> {
                maxDocuments = Math.max(1, Math.min(maxDocuments, calls.size()) / 2);
                halve(part, done);
            }
            case CallAnswer.Conflicted _,CallAnswer.Refused _ -> halve(part, done);
        }
    }

    private void halve(List<DocumentOutcome> part, CalledDocuments done) throws JobInterruptedException {
        callTogether(part.subList(0, part.size() / 2), done);
        callTogether(part.subList(part.size() / 2, part.size()), done);
    }

    /** A document that has changed meanwhile is read, transformed and given again, a bounded number of times. */
    private void callAlone(Call first, CalledDocuments done) throws JobInterruptedException {
        Call call = first;
        for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
            switch (send(List.of(call))) {
                case CallAnswer.Taken _ -> {
                    done.add(call);
                    return;
                }
                case CallAnswer.Refused(String message) -> {
                    done.addQuarantined(quarantined(call, Reason.REJECTED, message));
                    return;
                }
                case CallAnswer.TooLarge(String message) -> {
                    done.addQuarantined(quarantined(call, Reason.REJECTED, message));
                    return;
                }
                case CallAnswer.Conflicted _ -> pause(attempt);
            }
            @Nullable
            ConvexObject document = claim.ledger().documents(List.of(call.id())).getFirst();
            if (document == null) {
                done.addDeleted(call.id());
                return;
            }
            DocumentOutcome again = transformer.transform(List.of(document)).getFirst();
            if (!(again instanceof Call next)) {
                done.add(again);
                return;
            }
            call = next;
        }
        done.addQuarantined(quarantined(call, Reason.CONFLICT,
                "The app's function said 'conflict' each of the %d times that the run called it"
                        .formatted(MAX_ATTEMPTS)));
    }

    private static QuarantinedDocument quarantined(Call call, Reason reason, String message) {
        return new QuarantinedDocument(call.id(), reason, message, InputDigest.of(call.before()));
    }

    private void pause(int attempt) throws JobInterruptedException {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(attempt - 1, 6));
        if (stop.await(pause)) {
            throw stopped();
        }
        throttle.waits().add(WaitReason.CONFLICTS, pause.toNanos());
    }

    private CallAnswer send(List<Call> calls) throws JobInterruptedException {
        long bytes = calls.stream().mapToLong(Call::size).sum();
        try (Throttle.Permit permit = throttle.acquireWrite(calls.size(), bytes, stop)) {
            if (permit == null || Thread.currentThread().isInterrupted()) {
                throw stopped();
            }
            long begin = System.nanoTime();
            CallAnswer answer = caller.call(switch (per) {
                case DOCUMENT -> calls.getFirst().args();
                case CHUNK -> ConvexObject.of("documents", ConvexValue.array(calls.stream().map(Call::args).toList()));
            }, claim);
            listener.called(Duration.ofNanos(System.nanoTime() - begin));
            return answer;
        }
    }

    private JobInterruptedException stopped() {
        return new JobInterruptedException("The range was left because of a stop: " + stop.reason());
    }
}
