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
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.IndexSlice;
import dev.convexbackfill.readerswriters.reader.PageLimit;
import dev.convexbackfill.readerswriters.selection.SelectionStore.Progress;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;

/**
 * Finds the ids of all documents in a part of an index. Where the app can move documents within that part, one that moves
 * from before the search to behind it is missed; so the index is gone through again until nothing new is found. For one
 * thread.
 */
public final class IndexSearch {

    /** An app that makes new documents all the time must not keep a run from its work. */
    private static final int MAX_PASSES = 5;
    private static final int MAX_DOCUMENTS = 2000;
    private static final double MAX_BYTES = 4 << 20;

    private final ConvexClient client;
    private final FunctionPath find;
    private final ConvexObject args;
    private final boolean orderStays;
    private final PageLimit limit = new PageLimit(MAX_DOCUMENTS);

    /**
     * @param functions  the module that {@code backfill.ts} is installed as
     * @param orderStays true if no document can move within the slice, however the app changes it
     */
    public IndexSearch(ConvexClient client, String functions, String table, IndexSlice slice, boolean orderStays) {
        this.client = client;
        this.find = FunctionPath.of(functions, "find");
        this.args = slice.toValue().with("table", ConvexValue.of(table)).with("bytes", ConvexValue.number(MAX_BYTES));
        this.orderStays = orderStays;
    }

    /**
     * Finds what is still to be found for a run, and stores it. Throws {@link ConvexException} where a call fails, and
     * {@link JobInterruptedException} on a stop; the next one goes on where this one was.
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
            found = limit.fit(wanted -> call(progress.cursor(), wanted, options));
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

    /** Convex takes a cursor no more once the index was defined anew. */
    private static boolean isOfCursor(ConvexException failure) {
        return failure.data() instanceof ConvexObject data && data.has("paginationError");
    }

    private record Found(List<String> ids, String cursor, boolean isLast) {}

    private Found call(@Nullable String cursor, int wanted, CallOptions options) {
        ConvexObject.Builder call = ConvexObject.builder();
        args.forEach(call::put);
        ConvexObject answer = (ConvexObject) client.query(find,
                call.putNullable("cursor", cursor).put("documents", wanted).build(), options).value();
        return new Found(answer.array("ids").values().stream().map(id -> ((ConvexString) id).value()).toList(),
                answer.string("cursor"), answer.bool("isDone"));
    }
}
