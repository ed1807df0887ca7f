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
package dev.convexbackfill.job.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Plays the app: writes to counters at random, never the same number twice, and notes what it tried and what was confirmed. */
final class CountersApp {

    private static final int THREADS = 4;
    private static final long PAUSE_NANOS = 8_000_000;

    private final DeploymentReader deployment;
    private final List<String> ids;
    private final Writer log;
    private final AtomicLong next = new AtomicLong();

    private CountersApp(DeploymentReader deployment, List<String> ids, Writer log) {
        this.deployment = deployment;
        this.ids = ids;
        this.log = log;
    }

    /** Arguments: URL, key, file to note writes in. Works until it is killed. */
    public static void main(String[] args) throws IOException, InterruptedException {
        DeploymentReader deployment = new DeploymentReader(URI.create(args[0]), args[1]);
        List<String> ids = new ArrayList<>();
        deployment.forEach(CountersServer.TABLE, document -> ids.add(document.get("_id").asString()));
        try (Writer log = Files.newBufferedWriter(Path.of(args[2]))) {
            CountersApp app = new CountersApp(deployment, ids, log);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                threads.add(Thread.ofPlatform().start(app::write));
            }
            System.out.println("writing");
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    private void write() {
        while (true) {
            String id = ids.get(ThreadLocalRandom.current().nextInt(ids.size()));
            long number = next.incrementAndGet();
            note("tried", id, number);
            try {
                deployment.call("mutation", CountersServer.WRITE, Map.of("id", id, "number", number));
                note("confirmed", id, number);
            } catch (UncheckedIOException _) {
                // it may have happened or not: the note says only that it was tried
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private synchronized void note(String what, String id, long number) {
        try {
            log.write("%s %s %d%n".formatted(what, id, number));
            log.flush();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
