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
package dev.convexbackfill.job.demo;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Plays the app while the demo runs: visits cities at random, one after another. Closing it ends the last visit. */
public final class Visitors implements AutoCloseable {

    private final ConvexClient client;
    private final List<String> cities;
    private final StopSignal done = StopSignal.never();
    private final AtomicLong visits = new AtomicLong();
    private final Thread thread;

    /** Begins at once. */
    public Visitors(ConvexClient client, List<String> cities) {
        this.client = client;
        this.cities = List.copyOf(cities);
        this.thread = Thread.ofVirtual().name("visitors").start(this::visit);
    }

    private void visit() {
        while (!done.isGiven()) {
            String city = cities.get(ThreadLocalRandom.current().nextInt(cities.size()));
            client.mutation(new FunctionPath(Cities.VISIT), ConvexObject.of("id", ConvexValue.of(city)),
                    CallOptions.DEFAULT);
            visits.incrementAndGet();
        }
    }

    /** How many visits the deployment has confirmed. */
    public long visits() {
        return visits.get();
    }

    @Override
    public void close() {
        done.give("the demo is over");
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
