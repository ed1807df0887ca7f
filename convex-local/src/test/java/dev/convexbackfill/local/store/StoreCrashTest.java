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
package dev.convexbackfill.local.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.testsupport.JavaProcess;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCrashTest {

    private static final int THREADS = 4;
    private static final int PAIRS_PER_COMMIT = 3;

    @TempDir
    private Path directory;

    @Test
    void whatWasAnsweredSurvivesKillNineAndNoTransactionIsHalfThere() {
        Path file = directory.resolve("store.mv");
        Random random = new Random();
        Map<Integer, Integer> answered = new TreeMap<>();
        for (int round = 0; round < 6; round++) {
            try (JavaProcess writer = JavaProcess.start(Writer.class, List.of(), Map.of(), file.toString())) {
                int lines = 30 + random.nextInt(300);
                writer.awaitLine(_ -> writer.output().size() > lines);
                writer.kill();
                for (String line : writer.output().subList(0, lines)) {
                    String[] words = line.split(" ", -1);
                    answered.merge(Integer.valueOf(words[0]), Integer.valueOf(words[1]), Math::max);
                }
            }
            Map<Integer, Integer> found = read(file);
            answered.forEach((thread, last) -> assertThat(found.get(thread)).as("thread %d", thread)
                    .isGreaterThanOrEqualTo(last));
        }
    }

    /** The last number of each thread; every transaction wrote its number to all documents of its thread. */
    private static Map<Integer, Integer> read(Path file) {
        Map<Integer, Integer> last = new TreeMap<>();
        try (Store store = Store.inFile(file, Clock.systemUTC());
                DocumentTransaction transaction = Writer.begin(store)) {
            Map<Integer, List<Integer>> numbers = new TreeMap<>();
            transaction.scan("counters", "by_creation_time", IndexBounds.ALL, false, null)
                    .forEachRemaining(document -> {
                        numbers.computeIfAbsent((int) document.value().number("thread"),
                                _ -> new java.util.ArrayList<>())
                                .add((int) document.value().number("number"));
                    });
            assertThat(transaction.count("counters")).isEqualTo(THREADS * PAIRS_PER_COMMIT);
            numbers.forEach((thread, all) -> {
                assertThat(all).hasSize(PAIRS_PER_COMMIT).containsOnly(all.getFirst());
                last.put(thread, all.getFirst());
            });
            List<LogEntry> log = store.logAfter(0, Integer.MAX_VALUE);
            assertThat(log).as("the log is whole").hasSizeGreaterThanOrEqualTo(
                    PAIRS_PER_COMMIT * last.values().stream().mapToInt(Integer::intValue).sum());
        }
        return last;
    }

    /** Commits increasing numbers from several threads and prints each once it is answered. */
    static final class Writer {

        private Writer() {}

        public static void main(String[] args) throws InterruptedException {
            Store store = Store.inFile(Path.of(args[0]), Clock.systemUTC());
            List<Thread> threads = new java.util.ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int id = thread;
                threads.add(Thread.ofPlatform().start(() -> write(store, id)));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }

        private static void write(Store store, int thread) {
            while (true) {
                List<StoredDocument> own = new java.util.ArrayList<>();
                try (DocumentTransaction transaction = begin(store)) {
                    transaction.scan("counters", "by_creation_time", IndexBounds.ALL, false, null)
                            .forEachRemaining(document -> {
                                if (document.value().number("thread") == thread) {
                                    own.add(document);
                                }
                            });
                    int next = own.isEmpty() ? 1 : (int) own.getFirst().value().number("number") + 1;
                    if (own.isEmpty()) {
                        for (int i = 0; i < PAIRS_PER_COMMIT; i++) {
                            transaction.insert("counters",
                                    ConvexObject.of("thread", ConvexValue.number(thread), "number",
                                            ConvexValue.number(next)));
                        }
                    } else {
                        own.forEach(document -> transaction.patch(document.id(),
                                Map.of("number", ConvexValue.number(next))));
                    }
                    transaction.commit();
                    System.out.println(thread + " " + next);
                } catch (ConflictException _) {
                    // another thread was faster
                }
            }
        }

        static DocumentTransaction begin(Store store) {
            return DocumentTransaction.begin(store, new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE);
        }
    }
}
