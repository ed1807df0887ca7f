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

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.quarantine.Replay;
import dev.convexbackfill.readerswriters.reader.DocumentsById;
import dev.convexbackfill.readerswriters.reader.RangeReader;
import dev.convexbackfill.readerswriters.reader.Slice;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import dev.convexbackfill.readerswriters.throttle.Waits;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.batch.infrastructure.item.Chunk;

/** A run that tries the quarantine of a {@link TestTable} again, in one range, as a step would. */
final class TestReplay {

    static final Replay REPLAY = new Replay(TestTable.RUN, "r-replay-1");

    private final TestTable table;
    private final Plan plan;
    private final Range range = Range.cut(10001, 1).getFirst();
    private final String ledgerId;

    TestReplay(TestTable table, String steps) {
        this.table = table;
        this.plan = PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: r
                table: users
                chunk: { documents: 5 }
                transform:
                """ + steps.indent(2));
        table.insertRun(REPLAY.run(), REPLAY.of());
        table.stores.ranges().create(REPLAY.run(), List.of(range));
        ledgerId = table.ledger.open(REPLAY.run(), "t", "users", List.of(range.bounds())).getFirst();
        table.stores.ranges().setLedger(REPLAY.run(), List.of(ledgerId));
    }

    /** Works as the owner with that fence, until all is done or something throws. */
    RangeClaim work(long fence, CallOptions options, Runnable betweenApplyingAndClearing) throws Exception {
        RangeClaim claim = RangeClaim.claim(REPLAY.run(), 0, plan.digest(), ledgerId, fence, table.ledger.with(options),
                table.stores, () -> true);
        TransformChain chain = TransformChain.of(plan.steps());
        StopSignal stop = options.stop();
        RangeTransformer transformer = new RangeTransformer(chain, StopSignal.never(), Thread::startVirtualThread);
        Settlement settlement = new Settlement(transformer, stop, false, new Waits());
        settlement.settle(claim);
        clear(claim);
        if (claim.entry().isDone()) {
            return claim;
        }
        Throttle throttle = new Throttle(plan.throttle());
        ChunkWriter writer = new ChunkWriter(claim, settlement, throttle, plan.chunk(), stop, WriteListener.NONE);
        SliceProcessor processor = new SliceProcessor(transformer);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                RangeReader reader = new RangeReader(
                        new DocumentsById(
                                (after, through, limit) -> table.stores.quarantine().idsToReplay(REPLAY, after,
                                        through, limit),
                                table.ledger, 1 << 20),
                        throttle,
                        claim.entry().position(), null, plan.chunk().documents(), plan.chunk().bytes().bytes(), options,
                        stop, threads)) {
            for (Slice slice = reader.read(); slice != null; slice = reader.read()) {
                writer.write(new Chunk<>(processor.process(slice)));
                betweenApplyingAndClearing.run();
                clear(claim);
            }
        }
        return claim;
    }

    private void clear(RangeClaim claim) {
        table.stores.quarantine().deleteReplayed(REPLAY, range, claim.entry());
    }
}
