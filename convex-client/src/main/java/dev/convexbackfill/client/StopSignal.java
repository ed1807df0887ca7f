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
package dev.convexbackfill.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * Says once, to everybody who waits, that it is time to stop, and why. Every wait of this project ends with it, so that no
 * thread has to be interrupted: an interrupt closes files that other threads are using. Thread-safe.
 */
public final class StopSignal {

    /** A signal that nobody gives. */
    public static StopSignal never() {
        return new StopSignal();
    }

    private final CountDownLatch given = new CountDownLatch(1);
    private final Set<Runnable> actions = new LinkedHashSet<>();
    private @Nullable String reason;

    /** Gives the signal. The first reason stays; later calls change nothing. Runs the actions on the calling thread. */
    public void give(String why) {
        List<Runnable> due;
        synchronized (actions) {
            if (reason != null) {
                return;
            }
            reason = why;
            given.countDown();
            due = new ArrayList<>(actions);
            actions.clear();
        }
        due.forEach(Runnable::run);
    }

    public boolean isGiven() {
        return given.getCount() == 0;
    }

    /** Why it was given; null while it was not. */
    public @Nullable String reason() {
        synchronized (actions) {
            return reason;
        }
    }

    /**
     * Waits for at most {@code time} and tells whether the signal was given. An interrupt counts as the signal and leaves
     * the thread's interrupt flag set.
     */
    public boolean await(Duration time) {
        try {
            return given.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Runs {@code action} once the signal is given, at once if it was already, unless the answer is closed before. */
    public Registration onGiven(Runnable action) {
        synchronized (actions) {
            if (reason == null) {
                actions.add(action);
                return () -> {
                    synchronized (actions) {
                        actions.remove(action);
                    }
                };
            }
        }
        action.run();
        return () -> {};
    }

    /** An action that waits for the signal. Closing it twice is harmless. */
    public interface Registration extends AutoCloseable {

        @Override
        void close();
    }
}
