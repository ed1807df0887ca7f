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
package dev.convexbackfill.local.function;

import static dev.convexbackfill.local.function.SystemTables.SCHEDULED_FUNCTIONS;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentScan;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.IndexBounds.Bound;
import dev.convexbackfill.local.store.Store;
import dev.convexbackfill.local.store.StoredDocument;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what functions have scheduled, as soon as it is due, in the order of the times, several at once as Convex does. Sleeps
 * until something is scheduled or falls due. Thread-safe.
 */
public final class Scheduler implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);
    /** Source: {@code SCHEDULED_JOB_EXECUTION_PARALLELISM} of the Convex backend. */
    private static final int PARALLELISM = 8;
    /** Source: {@code SCHEDULED_JOB_RETENTION} and {@code …_GARBAGE_COLLECTION_BATCH_SIZE} of the Convex backend. */
    private static final Duration RETENTION = Duration.ofDays(7);
    private static final int FORGOTTEN_AT_ONCE = 1000;
    /** Source: {@code SCHEDULED_JOB_INITIAL_BACKOFF} and {@code SCHEDULED_JOB_MAX_BACKOFF} of the Convex backend. */
    private static final Duration FIRST_DELAY = Duration.ofMillis(500);
    private static final Duration MAX_DELAY = Duration.ofHours(2);
    private static final int MAX_DOUBLINGS = 20;
    /** So that a clock that was set, or a laptop that slept, is noticed. */
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(1);
    private static final Duration LONGEST_FINISH = Duration.ofSeconds(5);

    private final Store store;
    private final FunctionRunner runner;
    private final ScheduledCallRunner calls;
    private final int parallelism;
    private final StopSignal closing;
    private final Semaphore wakeUps = new Semaphore(0);
    private final Map<String, Thread> running = new HashMap<>();
    private final Map<String, Broken> broken = new HashMap<>();
    private final Thread thread;

    /** A call that could not even be tried, and when it is tried again: milliseconds since 1970. */
    private record Broken(int failures, double notBefore) {}

    private Scheduler(Store store, FunctionRunner runner, int parallelism, StopSignal closing) {
        this.store = store;
        this.runner = runner;
        this.calls = new ScheduledCallRunner(store, runner, closing);
        this.parallelism = parallelism;
        this.closing = closing;
        this.thread = Thread.ofVirtual().name("convex-local-scheduler").unstarted(this::runUntilClosed);
    }

    /** Starts with what is due already; what an earlier process began to run as an action counts as failed. */
    public static Scheduler start(Store store, FunctionRunner runner, StopSignal closing) {
        return start(store, runner, PARALLELISM, closing);
    }

    static Scheduler start(Store store, FunctionRunner runner, int parallelism, StopSignal closing) {
        Scheduler scheduler = new Scheduler(store, runner, parallelism, closing);
        runner.onScheduled(scheduler::wake);
        closing.onGiven(scheduler::wake);
        scheduler.thread.start();
        return scheduler;
    }

    private void wake() {
        wakeUps.release();
    }

    private void runUntilClosed() {
        boolean isRecovered = false;
        while (!closing.isGiven()) {
            Duration sleep = LONGEST_SLEEP;
            try {
                if (!isRecovered) {
                    endLostActions();
                    isRecovered = true;
                }
                boolean isMore = forgetFinished();
                sleep = isMore ? Duration.ZERO : untilNext(startDue());
            } catch (RuntimeException failed) {
                if (!closing.isGiven()) {
                    LOG.error("Scheduled functions can't be run; trying again", failed);
                }
            }
            sleep(sleep);
        }
    }

    private void sleep(Duration time) {
        try {
            if (wakeUps.tryAcquire(time.toNanos(), TimeUnit.NANOSECONDS)) {
                wakeUps.drainPermits();
            }
        } catch (InterruptedException _) {
            // only the signal ends this thread
        }
    }

    private Duration untilNext(double next) {
        double millis = Math.clamp(next - (double) store.clock().millis(), 1, (double) LONGEST_SLEEP.toMillis());
        return Duration.ofMillis((long) Math.ceil(millis));
    }

    private void endLostActions() {
        for (StoredDocument row : rows(ScheduledCall.BY_STATE,
                new IndexBounds(List.of(ConvexValue.of(ScheduledCall.IN_PROGRESS)), null, null), Integer.MAX_VALUE)) {
            calls.endLostAction(row.id());
        }
    }

    /** Returns when to look again: milliseconds since 1970. */
    private double startDue() {
        double now = store.clock().millis();
        double next = Double.POSITIVE_INFINITY;
        synchronized (running) {
            IndexBounds pending = new IndexBounds(List.of(ConvexValue.of(ScheduledCall.PENDING)), null, null);
            // those that run, a mutation's row being pending until its end, those that wait longer, and one to tell the time
            int enough = running.size() + broken.size() + parallelism + 1;
            for (StoredDocument row : rows(ScheduledCall.BY_STATE, pending, enough)) {
                String id = row.id();
                if (running.containsKey(id)) {
                    continue;
                }
                double due = row.value().number("scheduledTime");
                Broken last = broken.get(id);
                if (last != null) {
                    due = Math.max(due, last.notBefore());
                }
                if (due > now) {
                    next = Math.min(next, due);
                } else if (running.size() < parallelism) {
                    start(id);
                }
            }
        }
        return next;
    }

    private void start(String id) {
        Thread call = Thread.ofVirtual().name("convex-local-scheduled-" + id).unstarted(() -> run(id));
        running.put(id, call);
        call.start();
    }

    private void run(String id) {
        boolean isDone = false;
        try {
            calls.run(id);
            isDone = true;
        } catch (RuntimeException failed) {
            if (!closing.isGiven()) {
                LOG.error("The scheduled function {} can't be run; trying again later", id, failed);
            }
        } finally {
            synchronized (running) {
                running.remove(id);
                if (isDone) {
                    broken.remove(id);
                } else {
                    broken.compute(id, (_, last) -> again(last));
                }
            }
            wake();
        }
    }

    private Broken again(@Nullable Broken last) {
        int failures = last == null ? 0 : last.failures() + 1;
        long delay = Math.min(FIRST_DELAY.toMillis() << Math.min(failures, MAX_DOUBLINGS), MAX_DELAY.toMillis());
        return new Broken(failures, store.clock().millis() + (double) delay);
    }

    /** Deletes rows that ended long ago. Returns whether there may be more of them. */
    private boolean forgetFinished() {
        double before = store.clock().millis() - (double) RETENTION.toMillis();
        IndexBounds old = new IndexBounds(List.of(), new Bound(null, false),
                new Bound(ConvexValue.number(before), true));
        List<StoredDocument> rows = rows(ScheduledCall.BY_COMPLETED_TIME, old, FORGOTTEN_AT_ONCE);
        if (rows.isEmpty()) {
            return false;
        }
        try (DocumentTransaction transaction = begin()) {
            rows.forEach(row -> transaction.delete(row.id()));
            transaction.commit();
        } catch (ConflictException _) {
            // the next look finds them again
        }
        return true;
    }

    private List<StoredDocument> rows(String index, IndexBounds bounds, int limit) {
        List<StoredDocument> rows = new ArrayList<>();
        try (DocumentTransaction transaction = begin()) {
            DocumentScan scan = transaction.scan(SCHEDULED_FUNCTIONS, index, bounds, false, null);
            for (StoredDocument row = scan.next(); row != null; row = scan.next()) {
                rows.add(row);
                if (rows.size() == limit) {
                    break;
                }
            }
        }
        return rows;
    }

    private DocumentTransaction begin() {
        return DocumentTransaction.begin(store, new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE);
    }

    /** Waits for what runs, but not for long; the closing signal must have been given. */
    @Override
    public void close() {
        runner.onScheduled(() -> {});
        List<Thread> left = new ArrayList<>(List.of(thread));
        synchronized (running) {
            left.addAll(running.values());
        }
        long deadline = System.nanoTime() + LONGEST_FINISH.toNanos();
        try {
            for (Thread call : left) {
                call.join(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
