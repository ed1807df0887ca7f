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

import dev.convexbackfill.config.plan.Source;
import dev.convexbackfill.job.run.PagesOfRun;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.readerswriters.reader.DocumentsById;
import dev.convexbackfill.readerswriters.reader.PageLimit;
import dev.convexbackfill.readerswriters.selection.FunctionPages;
import dev.convexbackfill.readerswriters.selection.IdPages.Found;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Reads the documents that a query of the app's own returns, or some of them, each with the same chance. It goes through the query
 * once and keeps the ids in memory, where a run stores them; some 100 bytes for each.
 */
final class SourceReading implements TableReading {

    private final ReadingTools tools;
    private final FunctionPages pages;
    private final Scope scope;
    private final long seed;
    private final LongAdder pagesOfIds = new LongAdder();
    private final LongAdder pagesOfDocuments = new LongAdder();
    private volatile long found = -1;
    private volatile @Nullable WholeTable documents;

    SourceReading(ReadingTools tools, Source source, Scope scope, long seed) {
        this.tools = tools;
        this.pages = new FunctionPages(tools.client(), source, tools.plan().table(), tools.tableNumber());
        this.scope = scope;
        this.seed = seed;
    }

    @Override
    public void read() throws Exception {
        NavigableSet<String> ids = find();
        if (tools.stop().isGiven()) {
            return;
        }
        found = ids.size();
        NavigableSet<String> chosen = choose(ids);
        DocumentsById byId = new DocumentsById((after, through, limit) -> next(chosen, after, through, limit),
                new Ledger(tools.client(), tools.options(), tools.plan().functions()),
                PagesOfRun.maxBytes(tools.plan()));
        WholeTable reading = new WholeTable(tools, (after, through, options) -> {
            pagesOfDocuments.increment();
            return byId.read(after, through, options);
        }, pagesOfDocuments::sum);
        documents = reading;
        reading.read();
    }

    private NavigableSet<String> find() {
        NavigableSet<String> ids = new TreeSet<>();
        PageLimit limit = new PageLimit(pages.maxDocuments());
        @Nullable
        String cursor = null;
        boolean isLast = false;
        while (!isLast) {
            try (Throttle.Permit permit = tools.throttle().acquireRead(tools.stop())) {
                if (permit == null) {
                    return ids;
                }
                String place = cursor;
                Found page = limit.fit(wanted -> pages.read(place, wanted, tools.options()));
                pagesOfIds.increment();
                ids.addAll(page.ids());
                cursor = page.cursor();
                isLast = page.isLast();
            }
        }
        return ids;
    }

    private NavigableSet<String> choose(NavigableSet<String> ids) {
        return switch (scope) {
            case Scope.All _ -> ids;
            case Scope.Sample(int wanted) -> {
                List<String> shuffled = new ArrayList<>(ids);
                Collections.shuffle(shuffled, new Random(seed));
                yield new TreeSet<>(shuffled.subList(0, Math.min(wanted, shuffled.size())));
            }
        };
    }

    private static List<String> next(NavigableSet<String> ids, @Nullable String after, @Nullable String through,
            int limit) {
        NavigableSet<String> rest;
        if (through == null) {
            rest = after == null ? ids : ids.tailSet(after, false);
        } else {
            rest = after == null ? ids.headSet(through, true) : ids.subSet(after, false, through, true);
        }
        return rest.stream().limit(limit).toList();
    }

    @Override
    public OptionalLong chosenFrom() {
        return found < 0 ? OptionalLong.empty() : OptionalLong.of(found);
    }

    @Override
    public double fraction() {
        WholeTable reading = documents;
        return reading == null ? 0 : reading.fraction();
    }

    /** A run goes through the query at least twice. */
    @Override
    public Steps steps() {
        WholeTable reading = documents;
        Steps steps = reading == null ? Steps.NONE : reading.steps();
        return new Steps(steps.pages() + 2 * pagesOfIds.sum(), steps.chunks(), steps.settlements());
    }
}
