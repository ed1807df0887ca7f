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

import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.job.run.PagesOfRun;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.reader.DocumentPages;
import dev.convexbackfill.readerswriters.reader.PageSource;
import dev.convexbackfill.readerswriters.reader.RangeReader;
import dev.convexbackfill.readerswriters.reader.Slice;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Reads every document, in the ranges, pages and slices in which a run reads them. */
final class WholeTable implements TableReading {

    private final ReadingTools tools;
    private final DocumentPages pages;
    private final LongSupplier pagesRead;
    private final List<Range> ranges;
    private final AtomicReferenceArray<@Nullable Double> fractions;
    private long chunks;
    private long settlements;

    WholeTable(ReadingTools tools) {
        this(tools, PagesOfRun.of(tools.plan(), tools.client()));
    }

    private WholeTable(ReadingTools tools, PageSource pages) {
        this(tools, pages, pages::pagesRead);
    }

    /** Reads what {@code pages} have; {@code pagesRead} tells how many were read. */
    WholeTable(ReadingTools tools, DocumentPages pages, LongSupplier pagesRead) {
        this.tools = tools;
        this.pages = pages;
        this.pagesRead = pagesRead;
        this.ranges = Range.cut(tools.tableNumber(), tools.plan().ranges());
        this.fractions = new AtomicReferenceArray<>(ranges.size());
    }

    @Override
    public void read() throws Exception {
        Parallel.run(ranges.stream().<Parallel.Work>map(range -> () -> read(range)).toList(),
                tools.plan().throttle().concurrency(), tools.executor(), tools.stop());
    }

    private void read(Range range) throws Exception {
        Plan.Chunk limits = tools.plan().chunk();
        ChunkCount count = new ChunkCount(limits);
        try (RangeReader reader = new RangeReader(pages, tools.throttle(), range.after(), range.through(),
                limits.documents(), limits.bytes().bytes(), tools.options(), tools.stop(), tools.executor())) {
            for (Slice slice = reader.read(); slice != null; slice = reader.read()) {
                tools.rehearser().rehearse(slice.documents()).forEach(count::add);
                if (!slice.isLast()) {
                    count.endSlice();
                    fractions.set(range.number(),
                            range.fractionAt(slice.documents().getLast().string(FieldName.ID)));
                }
            }
        }
        count.end();
        fractions.set(range.number(), 1.0);
        add(count);
    }

    private synchronized void add(ChunkCount count) {
        chunks += count.chunks();
        settlements += count.settlements();
    }

    @Override
    public double fraction() {
        double sum = 0;
        for (int i = 0; i < ranges.size(); i++) {
            Double fraction = fractions.get(i);
            sum += fraction == null ? 0 : fraction;
        }
        return sum / ranges.size();
    }

    @Override
    public synchronized Steps steps() {
        return new Steps(pagesRead.getAsLong(), chunks, settlements);
    }
}
