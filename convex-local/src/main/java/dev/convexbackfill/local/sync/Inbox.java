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

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What a worker has to do on its own thread, one after another. Thread-safe. */
final class Inbox {

    private final BlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();
    private final Executor executor;

    /** {@code executor} does what need not be done on the worker's thread. */
    Inbox(Executor executor) {
        this.executor = executor;
    }

    void add(Runnable task) {
        waiting.add(task);
    }

    /** Waits until there is something to do, and takes it out. */
    Runnable take() throws InterruptedException {
        return waiting.take();
    }

    /** Runs {@code work} beside the worker's thread, and {@code then} on it. What {@code work} throws is thrown there. */
    <T> void beside(Supplier<T> work, Consumer<T> then) {
        executor.execute(() -> {
            Runnable outcome;
            try {
                T result = work.get();
                outcome = () -> then.accept(result);
            } catch (RuntimeException failure) {
                outcome = () -> {
                    throw failure;
                };
            }
            waiting.add(outcome);
        });
    }
}
