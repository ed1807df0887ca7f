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
package dev.convexbackfill.local.store;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * All subscriptions of a store. Their intervals lie in one {@link IntervalIndex}, so that a commit costs O(log n) for each key
 * that it writes, however many subscriptions there are, and a step more for each that it ends. Every method needs the store's
 * lock, which makes a commit visible and its subscriptions invalid in one step.
 */
final class Subscriptions {

    private final Object lock;
    private final IntervalIndex<Subscription> intervals = new IntervalIndex<>();
    private final Set<Subscription> all = new LinkedHashSet<>();
    private long last;

    Subscriptions(Object lock) {
        this.lock = lock;
    }

    Subscription create(ReadSet reads, Runnable listener) {
        return new Subscription(++last, this, reads, listener);
    }

    void add(Subscription subscription) {
        all.add(subscription);
        subscription.reads().forEach((from, to) -> intervals.add(from, to, subscription));
    }

    void remove(Subscription subscription) {
        synchronized (lock) {
            if (all.remove(subscription)) {
                subscription.reads().forEach((from, _) -> intervals.remove(from, subscription));
            }
        }
    }

    /** Ends those whose reads the commits have written into, and returns them. */
    Set<Subscription> end(Collection<RecentCommits.Commit> commits) {
        Set<Subscription> ended = new LinkedHashSet<>();
        for (RecentCommits.Commit commit : commits) {
            Set<Subscription> touched = new LinkedHashSet<>();
            commit.keys().forEach(key -> intervals.collect(key, touched));
            end(touched, commit.timestamp());
            ended.addAll(touched);
        }
        return ended;
    }

    /** Ends all, and returns them. */
    Set<Subscription> endAll(long timestamp) {
        Set<Subscription> ended = new LinkedHashSet<>(all);
        end(ended, timestamp);
        return ended;
    }

    private void end(Set<Subscription> some, long timestamp) {
        some.forEach(subscription -> {
            subscription.invalidateFrom(timestamp);
            remove(subscription);
        });
    }
}
