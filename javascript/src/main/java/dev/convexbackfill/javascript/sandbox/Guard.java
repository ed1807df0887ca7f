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
package dev.convexbackfill.javascript.sandbox;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Measures how long the JavaScript of one call computes and how much it allocates; what the host does for it does not count.
 * Time is that of the processor, so that a busy machine ends nothing. Everything but {@link #broken} belongs to the thread of the
 * call.
 */
public final class Guard {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long OUTSIDE = -1;
    /** A call that waits for memory more than it computes may take so many times its limit, by the clock. */
    private static final int PATIENCE = 10;

    private final Duration time;
    private final long memory;
    private final Runnable stop;
    private final long threadId = Thread.currentThread().threadId();
    private long usedNanos;
    private long usedBytes;
    private long enteredAt;
    private long enteredNanos = OUTSIDE;
    private long enteredBytes;
    private @Nullable String broken;

    /** For the thread that it is made on. {@code stop} ends the JavaScript, from another thread. */
    public Guard(Duration time, long memory, Runnable stop) {
        this.time = time;
        this.memory = memory;
        this.stop = stop;
    }

    /** JavaScript begins to run. */
    public synchronized void enter() {
        enteredNanos = THREADS.getThreadCpuTime(threadId);
        enteredAt = System.nanoTime();
        enteredBytes = THREADS.getThreadAllocatedBytes(threadId);
    }

    /** JavaScript has returned to its host. */
    public synchronized void leave() {
        usedNanos += THREADS.getThreadCpuTime(threadId) - enteredNanos;
        usedBytes += THREADS.getThreadAllocatedBytes(threadId) - enteredBytes;
        enteredNanos = OUTSIDE;
    }

    /** Ends the JavaScript if it is above a limit, or if memory is short and it has allocated much of it. */
    void check(boolean isMemoryShort, long muchMemory) {
        String problem = problem(isMemoryShort, muchMemory);
        if (problem != null) {
            // ends only when the JavaScript does, which work inside of the engine can put off
            Thread.ofPlatform().name("javascript-stop").daemon().start(stop);
        }
    }

    private synchronized @Nullable String problem(boolean isMemoryShort, long muchMemory) {
        if (broken != null || enteredNanos == OUTSIDE) {
            return null;
        }
        long bytes = usedBytes + THREADS.getThreadAllocatedBytes(threadId) - enteredBytes;
        if (usedNanos + THREADS.getThreadCpuTime(threadId) - enteredNanos > time.toNanos()
                || System.nanoTime() - enteredAt > PATIENCE * time.toNanos()) {
            broken = timedOut();
        } else if (bytes > memory) {
            broken = "JavaScript execution ran out of memory (it allocated more than %d MiB in all)"
                    .formatted(memory >> 20);
        } else if (isMemoryShort && bytes > muchMemory) {
            broken = "JavaScript execution ran out of memory (the process has almost none left, and the function allocated %d MiB)"
                    .formatted(bytes >> 20);
        }
        return broken;
    }

    private String timedOut() {
        return "Function execution timed out (maximum duration: %s)".formatted(
                time.toMillis() % 1000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms");
    }

    /** Which limit was broken, in words; null if none was. */
    public synchronized @Nullable String broken() {
        return broken;
    }
}
