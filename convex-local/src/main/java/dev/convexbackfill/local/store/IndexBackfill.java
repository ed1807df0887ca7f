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

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adds the documents that were there before an index to it, some at a time, while the app goes on writing: writes keep the
 * index up themselves, and a document that changes at the same time makes this try again. How far it is, is committed with
 * what it has added, so it goes on there after a crash.
 */
final class IndexBackfill {

    private static final int MAX_PAGE = 500;
    private static final int MIN_PAGE = 4;

    private final Store store;
    private int page = MAX_PAGE;

    IndexBackfill(Store store) {
        this.store = store;
    }

    private record Target(String table, int ordinal) {}

    /** Adds some documents to an index that is incomplete. Returns false if there is none. */
    boolean work() {
        Target target = find();
        if (target == null) {
            return false;
        }
        Transaction transaction = store.begin();
        try {
            work(transaction, target);
            store.commit(transaction);
            page = Math.min(MAX_PAGE, page * 2);
        } catch (ConflictException _) {
            page = Math.max(MIN_PAGE, page / 2);
        } finally {
            store.end(transaction);
        }
        return true;
    }

    private @Nullable Target find() {
        Transaction transaction = store.begin();
        try {
            for (TableRow table : new TableCatalog(transaction).rows()) {
                for (IndexRow index : table.indexes()) {
                    if (index.state() == IndexState.BACKFILLING) {
                        return new Target(table.name(), index.ordinal());
                    }
                }
            }
            return null;
        } finally {
            store.end(transaction);
        }
    }

    private void work(Transaction transaction, Target target) {
        TableCatalog tables = new TableCatalog(transaction);
        TableRow table = tables.find(target.table());
        IndexRow index = table == null ? null : backfilling(table, target.ordinal());
        if (table == null || index == null) {
            return;
        }
        byte[] key = Keys.indexProgress(table.tablet(), index.ordinal());
        byte[] stored = transaction.get(key);
        byte[] documents = Keys.documents(table.tablet());
        byte[] position = stored == null ? documents : Progress.positionOf(stored);
        Transaction.Scan scan = transaction.scan(stored == null ? position : Bytes.successor(position),
                Bytes.afterPrefix(documents), false);
        int added = 0;
        boolean isMore = true;
        while (added < page && isMore) {
            isMore = scan.next();
            if (isMore) {
                StoredDocument document = StoredDocument.decode(scan.value());
                transaction.put(index.entry(table.tablet(), document.value(), document.id()), new byte[]{1});
                position = scan.key();
                added++;
            }
        }
        if (isMore) {
            Progress before = stored == null ? new Progress(0, store.count(table.tablet())) : Progress.decode(stored);
            transaction.put(key, new Progress(before.done() + added, before.total()).encode(position));
        } else {
            transaction.delete(key);
            List<IndexRow> indexes = table.indexes().stream().map(other -> other.equals(index) ? index.built() : other)
                    .toList();
            tables.update(table.withIndexes(indexes));
        }
    }

    private static @Nullable IndexRow backfilling(TableRow table, int ordinal) {
        return table.indexes().stream().filter(index -> index.ordinal() == ordinal)
                .filter(index -> index.state() == IndexState.BACKFILLING).findFirst().orElse(null);
    }
}
