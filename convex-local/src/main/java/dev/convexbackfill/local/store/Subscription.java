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

/**
 * Watches what was read until somebody writes into it. Thread-safe. Whoever needs it no longer closes it; it ends by itself
 * when it is invalidated.
 */
public final class Subscription implements AutoCloseable, IntervalIndex.Owner {

    private final long number;
    private final Subscriptions home;
    private final ReadSet reads;
    private final Runnable listener;
    private volatile long invalidFrom = Long.MAX_VALUE;

    Subscription(long number, Subscriptions home, ReadSet reads, Runnable listener) {
        this.number = number;
        this.home = home;
        this.reads = reads;
        this.listener = listener;
    }

    @Override
    public long number() {
        return number;
    }

    ReadSet reads() {
        return reads;
    }

    void invalidateFrom(long timestamp) {
        invalidFrom = timestamp;
    }

    void announce() {
        listener.run();
    }

    /** Whether what was read is still the same at {@code timestamp}, which must not lie after the latest commit. */
    public boolean isValidAt(long timestamp) {
        return timestamp < invalidFrom;
    }

    @Override
    public void close() {
        home.remove(this);
    }
}
