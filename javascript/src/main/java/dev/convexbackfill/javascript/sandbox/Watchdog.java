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

import dev.convexbackfill.client.StopSignal;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Looks at all calls that run, every few milliseconds. Thread-safe. */
public final class Watchdog implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofMillis(10);
    /** Of the heap, after it was collected. */
    private static final double SHORT_OF_MEMORY = 0.8;
    /** A call that has allocated less is not why memory is short. */
    private static final long MUCH_MEMORY = 128L << 20;

    private final Set<Guard> guards = ConcurrentHashMap.newKeySet();
    private final StopSignal closing = StopSignal.never();

    public Watchdog() {
        Thread.ofPlatform().name("javascript-watchdog").daemon().start(this::watch);
    }

    /** Before the first {@link Guard#enter}. */
    public void add(Guard guard) {
        guards.add(guard);
        synchronized (guards) {
            guards.notifyAll();
        }
    }

    /** After the last {@link Guard#leave}. */
    public void remove(Guard guard) {
        guards.remove(guard);
    }

    private void watch() {
        while (awaitGuards() && !closing.await(INTERVAL)) {
            boolean isMemoryShort = isMemoryShort();
            guards.forEach(guard -> guard.check(isMemoryShort, MUCH_MEMORY));
        }
    }

    /** Returns false once it is closed. */
    private boolean awaitGuards() {
        synchronized (guards) {
            while (guards.isEmpty() && !closing.isGiven()) {
                try {
                    guards.wait();
                } catch (InterruptedException _) {
                    return false;
                }
            }
        }
        return !closing.isGiven();
    }

    private static boolean isMemoryShort() {
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage afterCollection = pool.getType() == MemoryType.HEAP ? pool.getCollectionUsage() : null;
            if (afterCollection != null && afterCollection.getMax() > 0
                    && afterCollection.getUsed() > SHORT_OF_MEMORY * afterCollection.getMax()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        closing.give("the engine is closing");
        synchronized (guards) {
            guards.notifyAll();
        }
    }
}
