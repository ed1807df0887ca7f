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

import dev.convexbackfill.local.store.DocumentTransaction.Moment;
import org.h2.mvstore.MVStore;

/**
 * A time to which transactions can go back until this is closed, however much is written meanwhile: what a file no longer
 * needs for the latest state is not overwritten as long as it is pinned.
 */
public final class PinnedMoment implements AutoCloseable {

    private final Store store;
    private final MVStore.TxCounter held;
    private final Moment moment;

    private PinnedMoment(Store store) {
        this.store = store;
        this.held = store.keySpace().holdVersions();
        this.moment = DocumentTransaction.now(store);
    }

    /** The time of the latest commit. */
    public static PinnedMoment pin(Store store) {
        return new PinnedMoment(store);
    }

    public Moment moment() {
        return moment;
    }

    /** To be called once. */
    @Override
    public void close() {
        store.keySpace().releaseVersions(held);
    }
}
