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

/** Removes the entries of indexes that were dropped, some at a time. Those of whole tables go in {@link KeySpace#tidy}. */
final class Purge {

    private static final int PAGE = 1000;

    private final Store store;

    Purge(Store store) {
        this.store = store;
    }

    /** Removes some entries. Returns false if there is nothing to remove. */
    boolean work() {
        return Retries.commit(store, transaction -> {
            Transaction.Scan dropped = transaction.scan(Keys.FIRST_DROPPED_INDEX, Keys.AFTER_DROPPED_INDEXES, false);
            if (!dropped.next()) {
                return false;
            }
            byte[] key = dropped.key();
            if (remove(transaction, Keys.index(Keys.droppedTablet(key), Keys.droppedOrdinal(key)))) {
                transaction.delete(key);
            }
            return true;
        });
    }

    /** Returns true if nothing was left to remove. */
    private static boolean remove(Transaction transaction, byte[] prefix) {
        Transaction.Scan scan = transaction.scan(prefix, Bytes.afterPrefix(prefix), false);
        int removed = 0;
        while (removed < PAGE && scan.next()) {
            transaction.delete(scan.key());
            removed++;
        }
        return removed == 0;
    }
}
