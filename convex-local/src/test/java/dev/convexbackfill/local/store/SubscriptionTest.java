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
import dev.convexbackfill.local.store.DocumentTransaction.WatchPoint;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SubscriptionTest {

    private final Store store = Store.inMemory(Clock.systemUTC());
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        store.close();
    }

    private long write(Consumer<DocumentTransaction> work) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(store,
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            work.accept(transaction);
            return transaction.commit();
        }
    }

    private String insert(String table) {
        List<String> id = new ArrayList<>();
        write(transaction -> id.add(transaction.insert(table, ConvexObject.EMPTY).toString()));
        return id.getFirst();
    }

    private DocumentTransaction at(WatchPoint point) {
        return DocumentTransaction.at(store, point.moment(), new TransactionUsage(TransactionLimits.NONE));
    }

    private Subscription watch(String name, Consumer<DocumentTransaction> reading) {
        try (WatchPoint point = DocumentTransaction.watchPoint(store); DocumentTransaction transaction = at(point)) {
            reading.accept(transaction);
            return point.subscribe(transaction, () -> heard.add(name));
        }
    }

    private String nextHeard() throws InterruptedException {
        return String.valueOf(heard.poll(30, TimeUnit.SECONDS));
    }

    @Test
    void endsWithTheFirstCommitThatWritesIntoWhatWasRead() throws Exception {
        String id = insert("a");
        Subscription one = watch("one", transaction -> transaction.get(id));
        Subscription count = watch("count", transaction -> transaction.count("a"));
        Subscription all = watch("all", transaction -> transaction
                .scan("a", "by_creation_time", IndexBounds.ALL, false, null).forEachRemaining(_ -> {}));
        Subscription missing = watch("missing", transaction -> transaction.count("b"));
        long before = store.timestamp();

        long inserted = write(transaction -> transaction.insert("a", ConvexObject.EMPTY));
        assertThat(List.of(nextHeard(), nextHeard())).containsExactlyInAnyOrder("count", "all");
        for (Subscription ended : List.of(count, all)) {
            assertThat(ended.isValidAt(before)).isTrue();
            assertThat(ended.isValidAt(inserted - 1)).isTrue();
            assertThat(ended.isValidAt(inserted)).isFalse();
        }
        assertThat(one.isValidAt(inserted)).isTrue();

        write(transaction -> transaction.patch(id, Map.of("n", ConvexValue.number(1))));
        assertThat(nextHeard()).isEqualTo("one");
        insert("b");
        assertThat(nextHeard()).isEqualTo("missing");
        assertThat(missing.isValidAt(store.timestamp())).isFalse();
        assertThat(heard).isEmpty();
    }

    @Test
    void hearsOfWhatWasCommittedBetweenReadingAndWatching() throws Exception {
        insert("a");
        try (WatchPoint point = DocumentTransaction.watchPoint(store); DocumentTransaction transaction = at(point)) {
            transaction.count("a");
            insert("b");
            insert("a");
            long later = store.timestamp();
            insert("a");

            Subscription late = point.subscribe(transaction, () -> heard.add("late"));

            assertThat(nextHeard()).isEqualTo("late");
            assertThat(late.isValidAt(later - 1)).isTrue();
            assertThat(late.isValidAt(later)).isFalse();
        }
    }

    @Test
    void hearsNothingAfterItIsClosed() throws Exception {
        insert("a");
        Subscription closed = watch("closed", transaction -> transaction.count("a"));
        watch("open", transaction -> transaction.count("a"));
        closed.close();
        closed.close();

        insert("a");
        assertThat(nextHeard()).isEqualTo("open");
        assertThat(heard).isEmpty();
    }

    @Test
    void allEndWhenSomethingOutsideTheStoreChanges() throws Exception {
        Subscription any = watch("any", transaction -> transaction.count("a"));
        store.invalidateSubscriptions();

        assertThat(nextHeard()).isEqualTo("any");
        assertThat(any.isValidAt(store.timestamp())).isFalse();
    }

    /** A reader that believes what its subscription says never shows a count that is not true. */
    @Test
    void whatIsValidIsTrueHoweverManyWriteMeanwhile() throws Exception {
        insert("a");
        AtomicInteger left = new AtomicInteger(600);
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            writers.add(Thread.ofVirtual().start(() -> {
                while (left.decrementAndGet() >= 0) {
                    insert("a");
                }
            }));
        }
        long counted = 0;
        Subscription subscription = null;
        do {
            try (WatchPoint point = DocumentTransaction.watchPoint(store);
                    DocumentTransaction transaction = at(point)) {
                long now = transaction.count("a");
                if (subscription != null && subscription.isValidAt(point.moment().timestamp())) {
                    assertThat(now).isEqualTo(counted);
                    continue;
                }
                counted = now;
                subscription = point.subscribe(transaction, () -> {});
            }
        } while (counted < 601);
        for (Thread writer : writers) {
            writer.join();
        }
    }
}
