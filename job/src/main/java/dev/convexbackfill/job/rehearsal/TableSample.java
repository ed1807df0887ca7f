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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.job.run.PagesOfRun;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.reader.PageSource;
import dev.convexbackfill.readerswriters.reader.PageSource.Page;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads some documents from all over a table, each with the same chance: Convex's ids are random, so what follows a random
 * place among them is a random document, and so are the next. Reading begins at many such places, and what one of them lacks
 * the others give. The same seed begins at the same places.
 */
final class TableSample implements TableReading {

    private static final int MAX_PLACES = 200;

    private final ReadingTools tools;
    private final int wanted;
    private final List<Stretch> stretches;
    private final AtomicInteger read = new AtomicInteger();

    TableSample(ReadingTools tools, int wanted, long seed) {
        this.tools = tools;
        this.wanted = wanted;
        this.stretches = stretches(places(tools.tableNumber(), Math.min(wanted, MAX_PLACES), seed));
    }

    private static List<String> places(long tableNumber, int number, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<String> places = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            byte[] internal = new byte[DocumentId.INTERNAL_LENGTH];
            random.nextBytes(internal);
            places.add(DocumentId.of(tableNumber, internal).toString());
        }
        places.sort(null);
        return places;
    }

    /** From each place to the next; the last goes on at the beginning of the table. */
    private static List<Stretch> stretches(List<String> places) {
        List<Stretch> all = new ArrayList<>();
        for (int i = 0; i < places.size() - 1; i++) {
            all.add(new Stretch(List.of(new Range(i, places.get(i), places.get(i + 1)))));
        }
        int last = places.size() - 1;
        all.add(new Stretch(
                List.of(new Range(last, places.getLast(), null), new Range(last, null, places.getFirst()))));
        return all;
    }

    /** What lies between two places, and how far it was read. */
    private static final class Stretch {

        private final Deque<Range> rest;

        Stretch(List<Range> parts) {
            this.rest = new ArrayDeque<>(parts);
        }

        boolean isReadToItsEnd() {
            return rest.isEmpty();
        }

        /** Takes up to {@code documents} of {@code page}, which was read where this stands. */
        List<ConvexObject> take(Page page, int documents) {
            Range part = rest.remove();
            if (page.documents().size() > documents || !page.isLast()) {
                List<ConvexObject> taken = page.documents().subList(0, Math.min(documents, page.documents().size()));
                rest.addFirst(new Range(part.number(), idOfLast(taken, part.after()), part.through()));
                return taken;
            }
            return page.documents();
        }

        private static @Nullable String idOfLast(List<ConvexObject> documents, @Nullable String otherwise) {
            return documents.isEmpty() ? otherwise : documents.getLast().string(FieldName.ID);
        }

        Range part() {
            return rest.element();
        }
    }

    @Override
    public void read() throws Exception {
        List<Stretch> open = stretches;
        while (read.get() < wanted && !open.isEmpty() && !tools.stop().isGiven()) {
            readFrom(open);
            open = open.stream().filter(stretch -> !stretch.isReadToItsEnd()).toList();
        }
    }

    /** Reads an equal share of what is still wanted from each. */
    private void readFrom(List<Stretch> open) throws Exception {
        int left = wanted - read.get();
        int share = left / open.size();
        int shares = left % open.size();
        PageSource pages = new PageSource(tools.client(), tools.plan().functions(), tools.plan().table(),
                Math.min(share + 1, PagesOfRun.maxDocuments(tools.plan())), PagesOfRun.maxBytes(tools.plan()));
        List<Parallel.Work> work = new ArrayList<>();
        for (int i = 0; i < open.size(); i++) {
            Stretch stretch = open.get(i);
            int documents = share + (i < shares ? 1 : 0);
            work.add(() -> read(stretch, documents, pages));
        }
        Parallel.run(work, tools.plan().throttle().concurrency(), tools.executor(), tools.stop());
    }

    private void read(Stretch stretch, int documents, PageSource pages) {
        int left = documents;
        while (left > 0 && !stretch.isReadToItsEnd()) {
            Page page;
            try (Throttle.Permit permit = tools.throttle().acquireRead(tools.stop())) {
                if (permit == null) {
                    return;
                }
                page = pages.read(stretch.part().after(), stretch.part().through(), tools.options());
            }
            List<ConvexObject> taken = stretch.take(page, left);
            tools.rehearser().rehearse(taken);
            read.addAndGet(taken.size());
            left -= taken.size();
        }
    }

    @Override
    public double fraction() {
        return Math.min(1, read.get() / (double) wanted);
    }

    @Override
    public Steps steps() {
        return Steps.NONE;
    }
}
