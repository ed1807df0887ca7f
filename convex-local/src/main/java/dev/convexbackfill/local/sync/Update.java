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
package dev.convexbackfill.local.sync;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.function.Caller;
import dev.convexbackfill.local.function.FunctionArguments;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.function.FunctionRunner;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.DocumentTransaction.WatchPoint;
import dev.convexbackfill.local.store.Store;
import dev.convexbackfill.local.store.Subscription;
import dev.convexbackfill.local.sync.QuerySet.Watched;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Brings the queries of a socket up to date: all as of one time, and only those that may have changed. */
final class Update {

    /** How many queries of a socket run at once; source: {@code UPDATE_QUERY_CONCURRENCY} of the Convex backend. */
    private static final int CONCURRENCY = 20;

    private final Store store;
    private final FunctionRunner runner;
    private final Executor executor;
    private final SubscriptionScope scope;
    private final Runnable onInvalidation;

    Update(Store store, FunctionRunner runner, Executor executor, SubscriptionScope scope, Runnable onInvalidation) {
        this.store = store;
        this.runner = runner;
        this.executor = executor;
        this.scope = scope;
        this.onInvalidation = onInvalidation;
    }

    /** The results of those queries that had to be run, in their order, as of a time in nanoseconds since 1970. */
    record Updated(List<Result> results, long timestamp) {

        Updated {
            results = List.copyOf(results);
        }
    }

    Updated run(List<Watched> queries, Caller caller) {
        try (WatchPoint point = DocumentTransaction.watchPoint(store)) {
            long timestamp = point.moment().timestamp();
            List<Query> stale = queries.stream().filter(watched -> !isCurrent(watched.subscription(), timestamp))
                    .map(Watched::query).toList();
            return new Updated(stale.size() == 1 ? List.of(run(point, stale.getFirst(), caller))
                    : runTogether(point, stale, caller), timestamp);
        }
    }

    private static boolean isCurrent(@Nullable Subscription subscription, long timestamp) {
        return subscription != null && subscription.isValidAt(timestamp);
    }

    private List<Result> runTogether(WatchPoint point, List<Query> queries, Caller caller) {
        Semaphore permits = new Semaphore(CONCURRENCY);
        List<FutureTask<Result>> tasks = new ArrayList<>();
        for (Query query : queries) {
            FutureTask<Result> task = new FutureTask<>(() -> {
                try {
                    return run(point, query, caller);
                } finally {
                    permits.release();
                }
            });
            permits.acquireUninterruptibly();
            tasks.add(task);
            executor.execute(task);
        }
        return tasks.stream().map(Update::result).toList();
    }

    private static Result result(FutureTask<Result> task) {
        try {
            return task.get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof SyncFailure failure ? failure
                    : SyncFailure.internal("A query could not be run", failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw SyncFailure.internal("A query was interrupted", interrupted);
        }
    }

    private Result run(WatchPoint point, Query query, Caller caller) {
        Components.requireAllowed(query.component(), caller);
        Result result = Result.of(query, runner.observe(point, query.path(), () -> {
            Components.requireApp(query.component());
            return arguments(query.args());
        }, caller, query.journal(), onInvalidation));
        scope.add(result.subscription());
        return result;
    }

    /** Throws {@link FunctionFailedException}. */
    static ConvexObject arguments(String json) {
        try {
            return FunctionArguments.named(ConvexJson.decode(json));
        } catch (InvalidValueException invalid) {
            throw new FunctionFailedException("Invalid arguments: " + invalid.getMessage());
        }
    }
}
