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
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

class StoreConcurrencyTest {

    private static final int ACCOUNTS = 8;
    private static final int THREADS = 8;
    private static final int TRANSFERS = 200;

    @Test
    void moneyMovedByManyThreadsIsNeitherMadeNorLost() throws Exception {
        try (Store store = Store.inMemory(Clock.systemUTC());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<String> accounts = new ArrayList<>();
            try (DocumentTransaction transaction = begin(store)) {
                for (int i = 0; i < ACCOUNTS; i++) {
                    accounts.add(transaction.insert("accounts", ConvexObject.of("money", ConvexValue.number(100)))
                            .toString());
                }
                transaction.commit();
            }

            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                running.add(threads.submit(() -> {
                    for (int i = 0; i < TRANSFERS; i++) {
                        transfer(store, accounts);
                    }
                }));
            }
            for (Future<?> done : running) {
                done.get();
            }

            try (DocumentTransaction transaction = begin(store)) {
                double sum = accounts.stream().mapToDouble(id -> money(transaction, id)).sum();
                assertThat(sum).isEqualTo(ACCOUNTS * 100);
                double moves = accounts.stream().mapToDouble(id -> moves(transaction, id)).sum();
                assertThat(moves).as("no committed transfer was overwritten").isEqualTo(2 * THREADS * TRANSFERS);
            }
        }
    }

    private static void transfer(Store store, List<String> accounts) {
        int from = ThreadLocalRandom.current().nextInt(ACCOUNTS);
        int to = (from + 1 + ThreadLocalRandom.current().nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        while (true) {
            try (DocumentTransaction transaction = begin(store)) {
                move(transaction, accounts.get(from), -1);
                move(transaction, accounts.get(to), 1);
                transaction.commit();
                return;
            } catch (ConflictException _) {
                // somebody was faster
            }
        }
    }

    private static void move(DocumentTransaction transaction, String account, double amount) {
        transaction.patch(account, Map.of("money", ConvexValue.number(money(transaction, account) + amount), "moves",
                ConvexValue.number(moves(transaction, account) + 1)));
    }

    private static double money(DocumentTransaction transaction, String account) {
        StoredDocument document = transaction.get(account);
        assertThat(document).isNotNull();
        return document.value().number("money");
    }

    private static double moves(DocumentTransaction transaction, String account) {
        StoredDocument document = transaction.get(account);
        assertThat(document).isNotNull();
        return document.value().has("moves") ? document.value().number("moves") : 0;
    }

    private static DocumentTransaction begin(Store store) {
        return DocumentTransaction.begin(store, new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE);
    }
}
