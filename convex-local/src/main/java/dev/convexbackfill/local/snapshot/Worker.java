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
package dev.convexbackfill.local.snapshot;

import dev.convexbackfill.client.StopSignal;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that works whenever it is told that there may be something to do. Thread-safe. */
final class Worker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final BooleanSupplier work;
    private final StopSignal closing;
    private final StopSignal.Registration onClosing;
    private final Thread thread;
    private final Object changed = new Object();
    private boolean isAwake = true;

    private Worker(String name, BooleanSupplier work, StopSignal closing) {
        this.work = work;
        this.closing = closing;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::runUntilClosed);
        this.onClosing = closing.onGiven(this::wake);
    }

    /** Works until {@code closing} is given; {@code work} returns false if there was nothing to do. */
    static Worker start(String name, BooleanSupplier work, StopSignal closing) {
        Worker worker = new Worker(name, work, closing);
        worker.thread.start();
        return worker;
    }

    /** There may be something to do. */
    void wake() {
        synchronized (changed) {
            isAwake = true;
            changed.notifyAll();
        }
    }

    private void runUntilClosed() {
        while (!closing.isGiven()) {
            try {
                boolean worked = work.getAsBoolean();
                synchronized (changed) {
                    changed.notifyAll();
                    while (!worked && !isAwake && !closing.isGiven()) {
                        changed.wait();
                    }
                    isAwake = false;
                }
            } catch (InterruptedException _) {
                // only the signal ends this thread
            } catch (RuntimeException broken) {
                LOG.error("{} ends", Thread.currentThread().getName(), broken);
                return;
            }
        }
    }

    /** Waits until {@code condition} is true, the worker has ended, or the deployment is closing. */
    void await(BooleanSupplier condition) {
        boolean isInterrupted = false;
        synchronized (changed) {
            while (!isInterrupted && thread.isAlive() && !closing.isGiven() && !condition.getAsBoolean()) {
                try {
                    changed.wait(1000);
                } catch (InterruptedException _) {
                    isInterrupted = true;
                }
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the end of the thread; {@code closing} must have been given. */
    @Override
    public void close() {
        onClosing.close();
        boolean isInterrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
