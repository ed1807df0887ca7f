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
package dev.convexbackfill.readerswriters.selection;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.readerswriters.reader.PageLimit;
import dev.convexbackfill.readerswriters.selection.IdPages.Found;
import dev.convexbackfill.readerswriters.selection.SelectionStore.Progress;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import java.util.List;
import org.springframework.batch.core.job.JobInterruptedException;

/**
 * Finds the ids of all documents that a run is for. Where the app can move documents within that order, one that moves from
 * before the search to behind it is missed; so all pages are gone through again until nothing new is found. For one thread.
 */
public final class DocumentSearch {

    /** An app that makes new documents all the time must not keep a run from its work. */
    private static final int MAX_PASSES = 5;

    private final IdPages pages;
    private final boolean orderStays;
    private final PageLimit limit;

    /** {@code orderStays} is true if no document can move within the pages, however the app changes it. */
    public DocumentSearch(IdPages pages, boolean orderStays) {
        this.pages = pages;
        this.orderStays = orderStays;
        this.limit = new PageLimit(pages.maxDocuments());
    }

    /**
     * Finds what is still to be found for a run, and stores it. Throws {@link ConvexException} where a call fails,
     * {@link InvalidSourceException} for an answer that can't be used, and {@link JobInterruptedException} on a stop; the next
     * one goes on where this one was.
     */
    public void complete(String run, SelectionStore store, Throttle throttle, CallOptions options)
            throws JobInterruptedException {
        StopSignal stop = options.stop();
        Progress progress = store.progress(run);
        while (!progress.isComplete()) {
            try (Throttle.Permit permit = throttle.acquireRead(stop)) {
                if (permit == null || stop.isGiven()) {
                    throw new JobInterruptedException("The search was left because of a stop: " + stop.reason());
                }
                progress = step(run, store, progress, options);
            }
        }
    }

    private Progress step(String run, SelectionStore store, Progress progress, CallOptions options) {
        Found found;
        try {
            found = limit.fit(wanted -> pages.read(progress.cursor(), wanted, options));
        } catch (ConvexException failure) {
            if (progress.cursor() != null && isOfCursor(failure)) {
                return store.add(run, progress, List.of(), now -> now.at(null));
            }
            throw failure;
        }
        return store.add(run, progress, found.ids(), now -> next(now, found));
    }

    private Progress next(Progress now, Found found) {
        if (!found.isLast()) {
            return now.at(found.cursor());
        }
        boolean again = !orderStays && now.newInPass() > 0 && now.pass() + 1 < MAX_PASSES;
        return again ? now.inNextPass() : now.complete();
    }

    /** Convex takes a cursor no more once the query, or the index under it, was defined anew. */
    private static boolean isOfCursor(ConvexException failure) {
        return failure.data() instanceof ConvexObject data && data.has("paginationError");
    }
}
