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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.partitioner.dispatch.Lease;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.journal.JournalParts.Stretch;
import dev.convexbackfill.readerswriters.reader.RangeReader;
import dev.convexbackfill.readerswriters.reader.Slice;
import dev.convexbackfill.readerswriters.verification.DigestedSide;
import dev.convexbackfill.readerswriters.verification.Findings;
import dev.convexbackfill.readerswriters.verification.VerificationStore;
import dev.convexbackfill.readerswriters.writer.FencedException;
import dev.convexbackfill.readerswriters.writer.RangeStores;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.infrastructure.item.Chunk;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.ItemStreamReader;

/**
 * Looks at the documents of a range. What was found in a slice and the position behind it are stored in one transaction, by the
 * range's owner only, so however often a verification is interrupted, it finds everything once.
 */
final class VerificationItems implements StepItems, ItemStreamReader<VerificationItems.Piece> {

    private static final int SLICE_DOCUMENTS = 500;
    private static final long SLICE_BYTES = 4 << 20;
    /** The repository writes a few times for each stretch, and only digests of its documents are kept in memory. */
    private static final long STRETCH_DOCUMENTS = 16_000;

    private final ActiveRun active;
    private final Lease lease;
    private final RangeStores stores;
    private final VerificationStore mismatches;
    private final StopSignal stop;
    private final Executor threads;
    private RangeRow row;
    private @Nullable String position;
    private long wanted;
    private boolean hasProgressed;
    private @Nullable RangeReader reader;
    private @Nullable DigestedSide digests;
    private @Nullable String nextAfter;
    private boolean ended;

    /** What is looked at together. */
    sealed interface Piece {

        /** Documents that were read. */
        record Documents(Slice slice) implements Piece {}

        /** Documents of which digests are compared. */
        record Digests(Stretch stretch) implements Piece {}
    }

    /** What was found in a slice, which ends at {@code to}. */
    private record Looked(Findings findings, @Nullable String to, boolean isLast) {}

    VerificationItems(ActiveRun active, RangeRow row, Lease lease, RangeStores stores, StopSignal stop,
            Executor threads) {
        this.active = active;
        this.row = row;
        this.lease = lease;
        this.stores = stores;
        this.mismatches = new VerificationStore(active.repository().jdbc());
        this.stop = stop;
        this.threads = threads;
        this.wanted = Long.MAX_VALUE;
    }

    @Override
    public Step step(String name, JobRepository repository, StopSignal signal) {
        return RangeStep.<Piece, Looked>of(name, repository, this, this::look, this::write, signal);
    }

    @Override
    public void open(ExecutionContext context) {
        if (!stores.ranges().own(active.run().name(), number(), lease.fence())) {
            throw fenced();
        }
        row = stores.ranges().get(active.run().name(), number());
        position = row.position();
        if (active.run().kind() instanceof RunKind.Verification(_, Integer sample) && sample != null) {
            wanted = Math.max(0, sample - row.counts().read());
        }
        nextAfter = position == null ? row.range().after() : position;
        digests = active.verification().digests(row);
        if (!row.isDone() && digests == null) {
            reader = new RangeReader(active.verification().pages(row), active.throttle(), position,
                    row.range().through(), SLICE_DOCUMENTS, SLICE_BYTES, active.calls(stop), stop, threads);
        }
    }

    private int number() {
        return row.range().number();
    }

    private FencedException fenced() {
        return new FencedException("Range %d of run '%s' has a newer owner".formatted(number(), active.run().name()));
    }

    @Override
    public @Nullable Piece read() throws Exception {
        if (row.isDone() || ended) {
            return null;
        }
        if (digests != null) {
            // where the plan wants it slow, a stretch takes about a second
            Stretch stretch = digests.next(nextAfter, row.range().through(),
                    Math.min(STRETCH_DOCUMENTS, active.throttle().documentsPerSecond()));
            nextAfter = stretch.through();
            ended = stretch.isLast();
            return new Piece.Digests(stretch);
        }
        Slice slice = reader == null ? null : reader.read();
        return slice == null ? null : new Piece.Documents(slice);
    }

    private Looked look(Piece piece) throws JobInterruptedException {
        return switch (piece) {
            case Piece.Documents(Slice slice) -> look(slice);
            case Piece.Digests(Stretch stretch) -> look(stretch);
        };
    }

    private Looked look(Stretch stretch) throws JobInterruptedException {
        if (digests == null || !active.throttle().pace(stretch.documents(), 0, stop)) {
            throw left();
        }
        DigestedSide side = digests;
        Findings findings = inTime(() -> side.look(stretch, stop));
        String to = stretch.through();
        return new Looked(findings, to == null ? stretch.lastEnd() : to, stretch.isLast());
    }

    private Looked look(Slice slice) throws JobInterruptedException {
        boolean isSampled = slice.documents().size() >= wanted;
        List<ConvexObject> documents = isSampled ? slice.documents().subList(0, (int) wanted) : slice.documents();
        boolean isLast = slice.isLast() || isSampled;
        String end = isSampled ? lastOf(documents, List.of()) : lastOf(documents, slice.gone());
        String to = slice.isLast() && !isSampled ? row.range().through() : end;
        long bytes = documents.stream().mapToLong(ValueLimits::sizeOf).sum();
        if (!active.throttle().pace(documents.size() + slice.gone().size(), bytes, stop)) {
            throw left();
        }
        Findings findings = isSampled && documents.isEmpty() ? new Findings() : inTime(documents, to);
        return new Looked(findings, isLast && to == null ? end : to, isLast);
    }

    /** What is gone has an id as well. */
    private @Nullable String lastOf(List<ConvexObject> documents, List<String> gone) {
        String last = documents.isEmpty() ? position : documents.getLast().string(FieldName.ID);
        return gone.isEmpty() || (last != null && last.compareTo(gone.getLast()) > 0) ? last : gone.getLast();
    }

    /** Code of the user's may take its time; what is left ends by itself, by the limits of its steps. */
    private Findings inTime(List<ConvexObject> documents, @Nullable String to) throws JobInterruptedException {
        String from = position;
        return inTime(() -> active.verification().side(row).look(from, to, documents, stop));
    }

    private interface Look {

        Findings take() throws JobInterruptedException;
    }

    private Findings inTime(Look look) throws JobInterruptedException {
        CompletableFuture<Findings> findings = CompletableFuture.supplyAsync(() -> {
            try {
                return look.take();
            } catch (JobInterruptedException stopped) {
                throw new CompletionException(stopped);
            }
        }, threads);
        try (StopSignal.Registration _ = stop.onGiven(() -> findings.cancel(false))) {
            return findings.join();
        } catch (CancellationException _) {
            throw left();
        } catch (CompletionException failed) {
            switch (failed.getCause()) {
                case JobInterruptedException stopped -> throw stopped;
                case CancellationException _ -> throw left();
                case RuntimeException cause -> throw cause;
                case null, default -> throw failed;
            }
        }
    }

    private JobInterruptedException left() {
        return new JobInterruptedException("The range was left because of a stop: " + stop.reason());
    }

    private void write(Chunk<? extends Looked> all) {
        for (Looked looked : all) {
            stores.transactions().executeWithoutResult(_ -> {
                if (!stores.ranges().advance(active.run().name(), number(), lease.fence(), position, looked.to(),
                        looked.isLast(), looked.findings().documents())) {
                    throw fenced();
                }
                mismatches.add(active.run().name(), number(), looked.findings());
            });
            position = looked.to();
            wanted = Math.max(0, wanted - looked.findings().documents().read());
            hasProgressed = true;
            if (looked.isLast()) {
                row = stores.ranges().get(active.run().name(), number());
            }
        }
    }

    @Override
    public boolean hasProgressed() {
        return hasProgressed;
    }

    @Override
    public boolean isComplete() {
        return row.isDone();
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.close();
        }
    }
}
