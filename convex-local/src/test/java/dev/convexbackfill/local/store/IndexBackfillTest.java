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
import static org.awaitility.Awaitility.await;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DatabaseSchema;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.testsupport.JavaProcess;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexBackfillTest {

    private static final int DOCUMENTS = 6000;
    private static final int WRITERS = 3;

    @TempDir
    private Path directory;

    private static DatabaseSchema schema(String... fields) {
        return DatabaseSchema.fromExport("""
                {"schemaValidation":true,"tables":[{"tableName":"things","documentType":null,
                 "indexes":[{"indexDescriptor":"by_n","fields":["%s"]}]}]}""".formatted(String.join("\",\"", fields)));
    }

    private static DocumentTransaction begin(Store store) {
        return DocumentTransaction.begin(store, new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE);
    }

    private static List<String> load(Store store, int documents) {
        List<String> ids = new ArrayList<>();
        try (DocumentTransaction transaction = begin(store)) {
            for (int i = 0; i < documents; i++) {
                ids.add(transaction.insert("things", thing(i)).toString());
            }
            transaction.commit();
        }
        return ids;
    }

    private static ConvexObject thing(int i) {
        return ConvexObject.builder().put("n", i % 97).put("m", -i).build();
    }

    /** The index has every document exactly once, and in order. */
    private static void requireWhole(Store store, String field) {
        try (DocumentTransaction transaction = begin(store)) {
            Set<ConvexObject> all = new HashSet<>();
            transaction.scan("things", "by_id", IndexBounds.ALL, false, null)
                    .forEachRemaining(document -> all.add(document.value()));
            List<ConvexObject> indexed = new ArrayList<>();
            transaction.scan("things", "by_n", IndexBounds.ALL, false, null)
                    .forEachRemaining(document -> indexed.add(document.value()));
            assertThat(indexed).hasSize(all.size());
            assertThat(new HashSet<>(indexed)).isEqualTo(all);
            assertThat(indexed)
                    .isSortedAccordingTo((one, other) -> Double.compare(one.number(field), other.number(field)));
        }
    }

    /** Every key that lies under an index, whoever it belongs to. */
    private static int entries(Store store) {
        Transaction transaction = store.begin();
        try {
            Transaction.Scan scan = transaction.scan(new byte[]{0x21}, new byte[]{0x22}, false);
            int entries = 0;
            while (scan.next()) {
                entries++;
            }
            return entries;
        } finally {
            store.end(transaction);
        }
    }

    @Test
    void buildsAnIndexWhileTheAppGoesOnWriting() throws InterruptedException {
        AtomicBoolean isBuilt = new AtomicBoolean();
        try (Store store = Store.inMemory(Clock.systemUTC()); Maintenance maintenance = Maintenance.start(store)) {
            List<String> ids = load(store, DOCUMENTS);
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                List<String> own = ids.subList(i * DOCUMENTS / WRITERS, (i + 1) * DOCUMENTS / WRITERS);
                writers.add(Thread.ofPlatform().start(() -> writeUntil(isBuilt, store, own)));
            }
            SchemaPush.Outcome outcome = new SchemaPush(store, maintenance, StopSignal.never()).push(schema("n"));
            isBuilt.set(true);
            for (Thread writer : writers) {
                writer.join();
            }

            assertThat(outcome).isInstanceOf(SchemaPush.Outcome.Active.class);
            requireWhole(store, "n");
        }
    }

    private static void writeUntil(AtomicBoolean isOver, Store store, List<String> ids) {
        Random random = new Random();
        Set<String> deleted = new HashSet<>();
        do {
            String id = ids.get(random.nextInt(ids.size()));
            boolean isDeletion = random.nextInt(5) == 0;
            try (DocumentTransaction transaction = begin(store)) {
                if (random.nextInt(5) == 0) {
                    transaction.insert("things", thing(random.nextInt(1000)));
                }
                if (!deleted.contains(id) && isDeletion) {
                    transaction.delete(id);
                } else if (!deleted.contains(id)) {
                    transaction.patch(id, Map.of("n", ConvexValue.number(random.nextInt(1000))));
                }
                transaction.commit();
                if (isDeletion) {
                    deleted.add(id);
                }
            } catch (ConflictException _) {
                // the index was put to use at the same time
            }
        } while (!isOver.get());
    }

    @Test
    void anIndexThatGetsOtherFieldsServesTheOldOnesUntilItIsRebuilt() {
        try (Store store = Store.inMemory(Clock.systemUTC())) {
            load(store, 100);
            try (Maintenance first = Maintenance.start(store)) {
                new SchemaPush(store, first, StopSignal.never()).push(schema("n"));
            }
            SchemaPush.Prepared prepared = new SchemaPush(store, closed(store), StopSignal.never())
                    .prepare(schema("m"));

            assertThat(prepared.indexes().added()).extracting(IndexInfo::fields)
                    .containsExactly(List.of("m", "_creationTime"));
            assertThat(prepared.indexes().dropped()).extracting(IndexInfo::fields)
                    .containsExactly(List.of("n", "_creationTime"));
            requireWhole(store, "n");
            try (Maintenance second = Maintenance.start(store)) {
                new SchemaPush(store, second, StopSignal.never()).push(schema("m"));
                requireWhole(store, "m");
            }
        }
    }

    /** Builds nothing any more. */
    private static Maintenance closed(Store store) {
        try (Maintenance maintenance = Maintenance.start(store)) {
            return maintenance;
        }
    }

    @Test
    void whatIsDroppedIsRemovedAndLeavesNoTraceInTheLog() {
        try (Store store = Store.inMemory(Clock.systemUTC()); Maintenance maintenance = Maintenance.start(store)) {
            load(store, 3000);
            SchemaPush push = new SchemaPush(store, maintenance, StopSignal.never());
            push.push(schema("n"));
            assertThat(entries(store)).isEqualTo(2 * 3000);
            push.push(DatabaseSchema.EMPTY);
            awaitEntries(store, 3000);
            int logged = store.logAfter(0, Integer.MAX_VALUE).size();
            try (DocumentTransaction transaction = begin(store)) {
                transaction.deleteTable("things");
                transaction.commit();
            }

            assertThat(store.logAfter(0, Integer.MAX_VALUE)).hasSize(logged);
            try (DocumentTransaction transaction = begin(store)) {
                assertThat(transaction.count("things")).isZero();
                transaction.insert("things", thing(1));
                transaction.commit();
                assertThat(transaction.tableNumbers()).containsEntry("things", 10_001L);
            }
            requireCount(store, 1);
        }
    }

    private static void requireCount(Store store, long documents) {
        try (DocumentTransaction transaction = begin(store)) {
            assertThat(transaction.count("things")).isEqualTo(documents);
        }
    }

    private static void awaitEntries(Store store, int entries) {
        await().until(() -> entries(store), now -> now == entries);
    }

    @Test
    void goesOnWhereItWasKilled() {
        Path file = directory.resolve("store.mv");
        Random random = new Random();
        for (int round = 0; round < 4; round++) {
            try (JavaProcess builder = JavaProcess.start(Builder.class, List.of(), Map.of(), file.toString())) {
                int lines = 2 + random.nextInt(12);
                builder.awaitLine(_ -> builder.output().size() > lines);
                builder.kill();
            }
        }
        try (Store store = Store.inFile(file, Clock.systemUTC()); Maintenance maintenance = Maintenance.start(store)) {
            SchemaPush.Outcome outcome = new SchemaPush(store, maintenance, StopSignal.never()).push(schema("n"));

            assertThat(outcome).isInstanceOf(SchemaPush.Outcome.Active.class);
            requireWhole(store, "n");
        }
    }

    /** Builds the index, rebuilds it with another field, and so on, while it writes; prints what it commits. */
    static final class Builder {

        private Builder() {}

        public static void main(String[] args) {
            Store store = Store.inFile(Path.of(args[0]), Clock.systemUTC());
            Maintenance maintenance = Maintenance.start(store);
            if (store.logAfter(0, 1).isEmpty()) {
                load(store, DOCUMENTS);
            }
            Thread.ofPlatform().daemon().start(() -> write(store));
            SchemaPush push = new SchemaPush(store, maintenance, StopSignal.never());
            for (int round = 0;; round++) {
                System.out.println(push.push(schema(round % 2 == 0 ? "n" : "m")));
            }
        }

        private static void write(Store store) {
            while (true) {
                try (DocumentTransaction transaction = begin(store)) {
                    StoredDocument first = transaction.scan("things", "by_id", IndexBounds.ALL, false, null).next();
                    if (first != null) {
                        transaction.delete(first.id());
                    }
                    transaction.insert("things", thing(first == null ? 1 : (int) first.value().number("n") + 1));
                    transaction.commit();
                    System.out.println("written");
                } catch (ConflictException _) {
                    // the index was put to use at the same time
                }
            }
        }
    }
}
