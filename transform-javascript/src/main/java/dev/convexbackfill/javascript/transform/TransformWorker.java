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
package dev.convexbackfill.javascript.transform;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.config.plan.InvalidCodeException;
import dev.convexbackfill.javascript.sandbox.Guard;
import dev.convexbackfill.javascript.sandbox.StoppedException;
import dev.convexbackfill.javascript.sandbox.Watchdog;
import dev.convexbackfill.readerswriters.transform.JavaScriptEngine.Limits;
import dev.convexbackfill.readerswriters.transform.StepResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread with a context. Does one thing at a time. It is of no more use once a document has broken a limit.
 */
final class TransformWorker implements AutoCloseable {

    /** JavaScript that recurses for ever is stopped by it. */
    private static final long STACK_BYTES = 4L << 20;
    private static final long LOOK_EVERY_MILLIS = 50;
    /** Some work of the engine's own can't be stopped, such as writing a number of a million digits. */
    private static final long MAX_NANOS_TO_STOP = TimeUnit.SECONDS.toNanos(3);

    private final String label;
    private final Limits limits;
    private final Watchdog watchdog;
    private final Supplier<TransformContext> newContext;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        Thread made = new Thread(null, work, "javascript-transform", STACK_BYTES);
        made.setDaemon(true);
        return made;
    });
    private @Nullable TransformContext context;
    private volatile @Nullable Guard guard;
    private volatile boolean isBroken;
    private volatile boolean isAbandoned;

    /** {@code label} begins the messages of limits. */
    TransformWorker(String label, Limits limits, Watchdog watchdog, Supplier<TransformContext> newContext) {
        this.label = label;
        this.limits = limits;
        this.watchdog = watchdog;
        this.newContext = newContext;
    }

    /** Throws {@link InvalidCodeException} unless the function can be loaded. */
    void requireFunction() {
        AtomicReference<@Nullable String> problem = new AtomicReference<>();
        try {
            run(() -> problem.set(guarded(TransformContext::problem)), () -> problem.set(abandoned()));
        } catch (StoppedException stopped) {
            throw new InvalidCodeException("it can't be loaded: " + stopped.getMessage(), stopped);
        }
        String found = problem.get();
        if (found != null) {
            throw new InvalidCodeException(found);
        }
    }

    /** Results of the first documents: of all, unless the last of them has broken a limit. */
    List<StepResult> apply(List<ConvexObject> documents) {
        Results results = new Results();
        run(() -> {
            for (ConvexObject document : documents) {
                StepResult result;
                try {
                    result = guarded(of -> of.apply(document));
                } catch (StoppedException stopped) {
                    result = new StepResult.Failed(label + stopped.getMessage());
                }
                if (!results.add(result, isBroken)) {
                    return;
                }
            }
        }, () -> results.close(new StepResult.Failed(label + abandoned())));
        return results.all();
    }

    private interface Work<T> {

        T with(TransformContext context);
    }

    /** Throws {@link StoppedException} if a limit was broken. */
    private <T extends @Nullable Object> T guarded(Work<T> work) {
        TransformContext with = context();
        Guard current = new Guard(limits.time(), limits.memory(), with::stop);
        guard = current;
        watchdog.add(current);
        try {
            current.enter();
            try {
                return work.with(with);
            } finally {
                current.leave();
            }
        } catch (StoppedException stopped) {
            isBroken = true;
            String limit = current.broken();
            throw limit == null ? stopped : new StoppedException(limit);
        } finally {
            watchdog.remove(current);
            isBroken |= current.broken() != null;
        }
    }

    private TransformContext context() {
        if (context == null) {
            context = newContext.get();
        }
        return context;
    }

    private String abandoned() {
        Guard last = guard;
        return (last == null ? "" : last.broken()) + ", and it could not be stopped";
    }

    /** Returns when {@code work} is done on the thread, or after {@code abandon} if it goes on for ever. */
    private void run(Runnable work, Runnable abandon) {
        CompletableFuture<Void> done = CompletableFuture.runAsync(work, thread);
        Guard broken = null;
        long since = 0;
        while (true) {
            try {
                done.get(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException _) {
                Guard now = guard;
                if (now == null || now.broken() == null) {
                    broken = null;
                } else if (now != broken) {
                    broken = now;
                    since = System.nanoTime();
                } else if (System.nanoTime() - since > MAX_NANOS_TO_STOP) {
                    isBroken = true;
                    isAbandoned = true;
                    abandon.run();
                    return;
                }
            } catch (ExecutionException failed) {
                isBroken = true;
                if (failed.getCause() instanceof RuntimeException thrown) {
                    throw thrown;
                }
                throw new IllegalStateException(failed.getCause());
            } catch (InterruptedException interrupted) {
                isBroken = true;
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while JavaScript ran", interrupted);
            }
        }
    }

    boolean isBroken() {
        return isBroken;
    }

    /** Whether it still runs, and will be until it ends by itself. */
    boolean isAbandoned() {
        return isAbandoned;
    }

    /** Returns at once. */
    @Override
    public void close() {
        if (!isAbandoned) {
            thread.execute(() -> {
                if (context != null) {
                    context.close();
                }
            });
        }
        thread.shutdown();
    }

    /** What the thread gives, until somebody else says that it will give no more. */
    private static final class Results {

        private final List<StepResult> all = new ArrayList<>();
        private boolean isClosed;

        /** False if no more is wanted. */
        synchronized boolean add(StepResult result, boolean isLast) {
            if (!isClosed) {
                all.add(result);
                isClosed = isLast;
            }
            return !isClosed;
        }

        synchronized void close(StepResult last) {
            if (!isClosed) {
                isClosed = true;
                all.add(last);
            }
        }

        synchronized List<StepResult> all() {
            return List.copyOf(all);
        }
    }
}
