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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.limits.TransactionUsage;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The latest executions of functions, for {@code npx convex logs}. What does not fit is forgotten. Thread-safe. */
public final class FunctionLog {

    private static final int MAX_ENTRIES = 1000;
    private static final long MAX_CHARACTERS = 8L << 20;

    private final Clock clock;
    private final StopSignal closing;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long characters;
    private double lastTimestamp;

    FunctionLog(Clock clock, StopSignal closing) {
        this.clock = clock;
        this.closing = closing;
        closing.onGiven(this::wakeAll);
    }

    /**
     * One execution that ended.
     *
     * @param timestamp when it ended, in milliseconds since 1970; no two entries have the same
     * @param startedAt in milliseconds since 1970
     * @param error     null if it did not fail
     * @param parent    the execution of the action that called it; null for none
     */
    public record Entry(double timestamp, double startedAt, Duration executionTime, FunctionKind kind, String path,
            List<String> logLines, @Nullable String error, String caller, boolean byAdmin, String requestId,
            UUID executionId, @Nullable UUID parent, long documentsRead, long bytesRead, long documentsWritten,
            long bytesWritten, long returnBytes) {

        public Entry {
            logLines = List.copyOf(logLines);
        }

        private long characters() {
            return path.length() + (error == null ? 0 : error.length())
                    + logLines.stream().mapToLong(String::length).sum();
        }
    }

    /** Adds a call of an app's function. {@code usage} is null for an action, {@code value} for what failed. */
    void add(FunctionDefinition function, Execution execution, @Nullable TransactionUsage usage,
            @Nullable ConvexValue value, @Nullable String error) {
        if (function.visibility() == Visibility.SYSTEM) {
            return;
        }
        double now = clock.millis();
        lock.lock();
        try {
            lastTimestamp = Math.max(now, Math.nextUp(lastTimestamp));
            Entry entry = new Entry(lastTimestamp, execution.startedAt(),
                    Duration.ofMillis((long) Math.max(0, now - execution.startedAt())), function.kind(),
                    function.path(), execution.log().lines(), error, execution.origin().kind(),
                    execution.caller().isAdmin(), execution.requestId(), execution.id(), execution.origin().parent(),
                    usage == null ? 0 : usage.documentsRead().used(), usage == null ? 0 : usage.bytesRead().used(),
                    usage == null ? 0 : usage.documentsWritten().used(),
                    usage == null ? 0 : usage.bytesWritten().used(), value == null ? 0 : ValueLimits.sizeOf(value));
            entries.add(entry);
            characters += entry.characters();
            while (entries.size() > MAX_ENTRIES || (characters > MAX_CHARACTERS && entries.size() > 1)) {
                characters -= entries.removeFirst().characters();
            }
            added.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The entries that are newer than {@code cursor}, oldest first; waits for one, but not for longer than {@code atMost}. */
    public List<Entry> after(double cursor, Duration atMost) {
        long left = atMost.toNanos();
        lock.lock();
        try {
            while ((entries.isEmpty() || entries.getLast().timestamp() <= cursor) && left > 0 && !closing.isGiven()) {
                left = added.awaitNanos(left);
            }
            List<Entry> newer = new ArrayList<>();
            for (Iterator<Entry> newest = entries.descendingIterator(); newest.hasNext();) {
                Entry entry = newest.next();
                if (entry.timestamp() <= cursor) {
                    break;
                }
                newer.add(entry);
            }
            return newer.reversed();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    /** How many wait in {@link #after}. */
    int waiting() {
        lock.lock();
        try {
            return lock.getWaitQueueLength(added);
        } finally {
            lock.unlock();
        }
    }

    private void wakeAll() {
        lock.lock();
        try {
            added.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
