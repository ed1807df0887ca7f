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

import dev.convexbackfill.local.store.Subscription;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The queries that a client watches, each with what the client knows of it. Not thread-safe. */
final class QuerySet {

    private final SubscriptionScope scope;
    private final Map<Long, Watched> queries = new TreeMap<>();

    /**
     * A query.
     *
     * @param subscription null if it has to be run
     * @param digest       of the result that the client has; null if it has none
     */
    record Watched(Query query, @Nullable Subscription subscription, @Nullable String digest) {}

    QuerySet(SubscriptionScope scope) {
        this.scope = scope;
    }

    /** All, by their ids. */
    List<Watched> all() {
        return List.copyOf(queries.values());
    }

    int size() {
        return queries.size();
    }

    void add(Query query) {
        if (queries.putIfAbsent(query.id(), new Watched(query, null, null)) != null) {
            throw SyncFailure.internal("Duplicate query ID: " + query.id(), null);
        }
    }

    void remove(long id) {
        Watched removed = queries.remove(id);
        if (removed == null) {
            throw SyncFailure.internal("Nonexistent query id: " + id, null);
        }
        end(removed);
    }

    /** Has all queries run again, because the client is somebody else now. */
    void forgetSubscriptions() {
        queries.replaceAll((_, watched) -> {
            end(watched);
            return new Watched(watched.query(), null, watched.digest());
        });
    }

    private void end(Watched watched) {
        if (watched.subscription() != null) {
            scope.remove(watched.subscription());
        }
    }

    /** Takes a result in and returns whether it is news to the client. */
    boolean complete(Result result) {
        Query query = result.query();
        Query next = new Query(query.id(), query.path(), query.args(), result.journal(), query.component());
        Watched known = queries.put(query.id(), new Watched(next, result.subscription(), result.digest()));
        if (known == null) {
            throw new IllegalStateException("The query %d is not in the set".formatted(query.id()));
        }
        end(known);
        return !result.digest().equals(known.digest());
    }
}
