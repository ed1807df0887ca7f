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
import dev.convexbackfill.config.plan.Sink;
import dev.convexbackfill.partitioner.dispatch.Lease;
import dev.convexbackfill.partitioner.ledger.LedgerEntry;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.quarantine.Replay;
import dev.convexbackfill.readerswriters.reader.RangeReader;
import dev.convexbackfill.readerswriters.reader.Slice;
import dev.convexbackfill.readerswriters.writer.ChunkWriter;
import dev.convexbackfill.readerswriters.writer.FunctionWriter;
import dev.convexbackfill.readerswriters.writer.RangeClaim;
import dev.convexbackfill.readerswriters.writer.RangeStores;
import dev.convexbackfill.readerswriters.writer.RangeTransformer;
import dev.convexbackfill.readerswriters.writer.Settlement;
import dev.convexbackfill.readerswriters.writer.SliceProcessor;
import dev.convexbackfill.readerswriters.writer.TransformedSlice;
import dev.convexbackfill.readerswriters.writer.WriteListener;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.infrastructure.item.Chunk;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.ItemStreamException;
import org.springframework.batch.infrastructure.item.ItemStreamReader;
import org.springframework.batch.infrastructure.item.ItemWriter;

/**
 * What a step reads and writes in a range. Opening it makes this process the range's owner and settles what an earlier owner
 * left; from then on the ledger's position is where reading goes on, whatever the execution context says. For one thread.
 */
final class RangeItems implements StepItems, ItemStreamReader<Slice> {

    private static final String POSITION = "range.position";
    private static final String SEQUENCE = "range.sequence";

    private final ActiveRun active;
    private final RangeRow row;
    private final Lease lease;
    private final RangeStores stores;
    private final StopSignal stop;
    private final StopSignal abandon;
    private final Executor threads;
    private final WriteListener listener;
    private final @Nullable Long share;
    private final RangeTransformer transformer;
    private long sequenceBefore;
    private @Nullable RangeClaim claim;
    private @Nullable FirstDocuments first;
    private @Nullable RangeReader reader;
    private @Nullable ItemWriter<TransformedSlice> writer;

    /**
     * @param share   after so many documents the range is left; null for all
     * @param stop    given when no more is to be begun
     * @param abandon given when calls and transforms in flight are to be left, too
     * @param threads for those
     */
    RangeItems(ActiveRun active, RangeRow row, @Nullable Long share, Lease lease, RangeStores stores, StopSignal stop,
            StopSignal abandon,
            Executor threads, WriteListener listener) {
        this.active = active;
        this.row = row;
        this.lease = lease;
        this.stores = stores;
        this.stop = stop;
        this.abandon = abandon;
        this.threads = threads;
        this.listener = listener;
        this.share = share;
        this.transformer = new RangeTransformer(active.transform(), abandon, threads);
    }

    @Override
    public void open(ExecutionContext context) throws ItemStreamException {
        String ledgerId = row.ledger();
        if (ledgerId == null) {
            throw new IllegalStateException("The ledger of run '%s' is not open".formatted(active.run().name()));
        }
        RangeClaim claimed = RangeClaim.claim(active.run().name(), row.range().number(), active.plan().digest(),
                ledgerId,
                lease.fence(), active.ledger(abandon), stores, lease::isFresh);
        this.claim = claimed;
        this.sequenceBefore = claimed.entry().sequence();
        Settlement settlement = new Settlement(transformer, stop, active.restores(),
                active.throttle().waits());
        try {
            settlement.settle(claimed);
        } catch (JobInterruptedException stopped) {
            throw new ItemStreamException(stopped);
        }
        clearReplayed(claimed);
        long left = share == null ? Long.MAX_VALUE : share - claimed.entry().counts().read();
        if (!claimed.entry().isDone() && left > 0) {
            this.writer = writer(claimed, settlement);
            this.first = share == null ? null : new FirstDocuments(left);
            this.reader = new RangeReader(share == null ? active.pages() : active.pages(left), active.throttle(),
                    claimed.entry().position(),
                    row.range().through(), active.plan().chunk().documents(), active.plan().chunk().bytes().bytes(),
                    active.calls(stop), stop, threads);
        }
    }

    private ItemWriter<TransformedSlice> writer(RangeClaim claimed, Settlement settlement) {
        Sink sink = active.plan().sink();
        return sink == null
                ? new ChunkWriter(claimed, settlement, active.throttle(), active.plan().chunk(), stop, listener)
                : new FunctionWriter(claimed, active.caller(sink, abandon), sink.per(), transformer, active.throttle(),
                        active.plan().chunk(), stop, listener);
    }

    @Override
    public @Nullable Slice read() throws Exception {
        if (reader == null || (first != null && first.areRead())) {
            return null;
        }
        Slice slice = reader.read();
        return first == null || slice == null ? slice : first.of(slice);
    }

    @Override
    public Step step(String name, JobRepository repository, StopSignal signal) {
        return RangeStep.<Slice, TransformedSlice>of(name, repository, this, new SliceProcessor(transformer),
                this::write, signal);
    }

    private void write(Chunk<? extends TransformedSlice> slices) throws Exception {
        if (writer == null || claim == null) {
            throw new IllegalStateException("Nothing was read, so nothing can be written");
        }
        writer.write(slices);
        if (first != null && first.areRead() && writer instanceof ChunkWriter chunks) {
            chunks.flush();
        }
        clearReplayed(claim);
    }

    /** A crash before it does no harm: whoever claims the range next does it first. */
    private void clearReplayed(RangeClaim claimed) {
        Replay replay = active.run().replay();
        if (replay != null) {
            stores.transactions().executeWithoutResult(
                    _ -> stores.quarantine().deleteReplayed(replay, row.range(), claimed.entry()));
        }
    }

    /** For people who look into the repository: going on needs none of it. */
    @Override
    public void update(ExecutionContext context) {
        if (claim != null) {
            LedgerEntry entry = claim.entry();
            String position = entry.position();
            if (position != null) {
                context.putString(POSITION, position);
            }
            context.putLong(SEQUENCE, entry.sequence());
        }
    }

    @Override
    public boolean hasProgressed() {
        return claim != null && claim.entry().sequence() > sequenceBefore;
    }

    /** True if the ledger says so: of the range, or of its share. */
    @Override
    public boolean isComplete() {
        return claim != null && (claim.entry().isComplete() || (share != null && claim.entry().isSettled()
                && claim.entry().counts().read() >= share));
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.close();
        }
    }
}
