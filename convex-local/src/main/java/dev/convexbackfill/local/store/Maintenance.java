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

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what a deployment does behind its app: builds indexes, checks documents against a schema that is being pushed, removes
 * what was dropped. What a crash interrupts goes on at the next start. Thread-safe.
 */
public final class Maintenance implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);
    private static final long LOOK_AGAIN_MILLIS = 1000;

    private final Store store;
    private final IndexBackfill indexes;
    private final SchemaValidation validation;
    private final Purge purge;
    private final Semaphore wakes = new Semaphore(0);
    private final Thread worker;
    private volatile boolean isClosed;

    private Maintenance(Store store) {
        this.store = store;
        this.indexes = new IndexBackfill(store);
        this.validation = new SchemaValidation(store);
        this.purge = new Purge(store);
        this.worker = Thread.ofPlatform().name("convex-local-maintenance").daemon().unstarted(this::workUntilClosed);
    }

    /** Works until it is closed, which must be before the store is. */
    public static Maintenance start(Store store) {
        Maintenance maintenance = new Maintenance(store);
        maintenance.worker.start();
        return maintenance;
    }

    /** Tells that there may be something to do, so that it begins now and not in a second. */
    public void wake() {
        wakes.release();
    }

    private void workUntilClosed() {
        long seen = -1;
        while (!isClosed) {
            long latest = store.timestamp();
            if (latest == seen) {
                awaitWake();
                continue;
            }
            try {
                boolean worked = indexes.work();
                worked |= validation.work();
                worked |= purge.work();
                // whatever was committed meanwhile is looked at in the next round
                seen = worked ? -1 : latest;
            } catch (RuntimeException broken) {
                if (!isClosed) {
                    LOG.error("The deployment's own work failed; it is tried again", broken);
                    awaitWake();
                }
            }
        }
    }

    private void awaitWake() {
        try {
            if (wakes.tryAcquire(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                wakes.drainPermits();
            }
        } catch (InterruptedException _) {
            // only close() ends this thread
        }
    }

    /** Finishes the step at hand. */
    @Override
    public void close() {
        isClosed = true;
        wake();
        boolean interrupted = false;
        while (worker.isAlive()) {
            try {
                worker.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
