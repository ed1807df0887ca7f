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
import java.util.HashSet;
import java.util.Set;

/** The subscriptions of one socket, none of which outlives it. Thread-safe. */
final class SubscriptionScope implements AutoCloseable {

    private final Set<Subscription> subscriptions = new HashSet<>();
    private boolean closed;

    void add(Subscription subscription) {
        synchronized (subscriptions) {
            if (!closed) {
                subscriptions.add(subscription);
                return;
            }
        }
        subscription.close();
    }

    void remove(Subscription subscription) {
        synchronized (subscriptions) {
            subscriptions.remove(subscription);
        }
        subscription.close();
    }

    @Override
    public void close() {
        Set<Subscription> all;
        synchronized (subscriptions) {
            closed = true;
            all = Set.copyOf(subscriptions);
            subscriptions.clear();
        }
        all.forEach(Subscription::close);
    }
}
