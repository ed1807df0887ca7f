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
package dev.convexbackfill.local.streaming;

import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.store.DocumentScan;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.LogEntry;
import dev.convexbackfill.local.store.PinnedMoment;
import dev.convexbackfill.local.store.Store;
import dev.convexbackfill.local.store.StoredDocument;
import dev.convexbackfill.local.store.Tablet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One page of a sync: first what became of documents that the reader has, then more documents, all as of one time. Source of
 * what a page promises: {@code crates/table_iteration/src/data_sync.rs} of the Convex backend.
 */
final class DataSync {

    /** Source: {@code DATA_SYNC_PAGE_SIZE_LIMIT}, {@code …_PAGE_BYTES_LIMIT} and {@code …_MAX_ROWS_READ}. */
    private static final int MAX_REVISIONS = 16_384;
    private static final long MAX_BYTES = 64L << 20;
    private static final int MAX_READ = 32_768;

    private final Store store;
    private final Selection selection;
    private final List<Revision> revisions = new ArrayList<>();
    private long bytes;

    DataSync(Store store, Selection selection) {
        this.store = store;
        this.selection = selection;
    }

    /**
     * A page.
     *
     * @param truncates tables of which the reader drops everything before it applies the revisions
     * @param latest    the time as of which the page was made
     * @param counts    of documents, by the tables that are synced; for progress
     */
    record Page(Set<String> truncates, List<Revision> revisions, SyncCursor cursor, long latest,
            Map<Tablet, Long> counts) {}

    /** The page after {@code cursor}; null begins, with {@code newSyncId}. */
    Page page(@Nullable SyncCursor cursor, String newSyncId) {
        try (PinnedMoment pinned = PinnedMoment.pin(store);
                DocumentTransaction transaction = DocumentTransaction.at(store, pinned.moment(),
                        new TransactionUsage(TransactionLimits.NONE))) {
            long latest = pinned.moment().timestamp();
            TreeMap<Integer, Tablet> targets = new TreeMap<>();
            transaction.tablets().stream().filter(tablet -> selection.includes(tablet.table()))
                    .forEach(tablet -> targets.put(tablet.id(), tablet));
            SyncCursor start = cursor == null ? new SyncCursor(newSyncId, latest, Set.of(), null, null, 0, 0)
                    : requireReadable(cursor, latest);
            SyncCursor reached = readLog(reconcile(start, targets), targets, latest);
            if (reached.syncedTo() == latest) {
                reached = readTables(reached, targets, transaction);
            }
            Set<String> truncates = new TreeSet<>();
            Set<Integer> before = cursor == null ? Set.of() : cursor.tracked();
            reached.tracked().stream().filter(tablet -> !before.contains(tablet))
                    .forEach(tablet -> truncates.add(name(targets, tablet)));
            Map<Tablet, Long> counts = new java.util.HashMap<>();
            targets.values().forEach(tablet -> counts.put(tablet, transaction.count(tablet.table())));
            return new Page(truncates, revisions, reached, latest, counts);
        }
    }

    private SyncCursor requireReadable(SyncCursor cursor, long latest) {
        if (cursor.syncedTo() > latest) {
            throw new StreamingRefusedException("InvalidDataSyncCursor",
                    "data sync cursor is ahead of the deployment's latest timestamp");
        }
        if (cursor.syncedTo() < store.oldestLogged()) {
            throw new StreamingRefusedException("DataSyncCursorExpired",
                    "The cursor is outside the deployment's data retention window and can no longer be resumed. Restart"
                            + " the sync from scratch by calling /data/sync without a cursor.");
        }
        return cursor;
    }

    private static String name(Map<Integer, Tablet> targets, int tablet) {
        return java.util.Objects.requireNonNull(targets.get(tablet)).table();
    }

    /** Forgets tables that are not wanted any more, or are not there, and begins with those that are new. */
    private static SyncCursor reconcile(SyncCursor cursor, SortedMap<Integer, Tablet> targets) {
        Set<Integer> synced = new HashSet<>(cursor.synced());
        synced.retainAll(targets.keySet());
        Integer current = cursor.inProgress();
        if (current != null && targets.containsKey(current)) {
            return new SyncCursor(cursor.syncId(), cursor.syncedTo(), synced, current, cursor.lastId(),
                    cursor.inTable(),
                    cursor.documents());
        }
        return new SyncCursor(cursor.syncId(), cursor.syncedTo(), synced, next(synced, targets), null, 0,
                cursor.documents());
    }

    private static @Nullable Integer next(Set<Integer> synced, SortedMap<Integer, Tablet> targets) {
        return targets.keySet().stream().filter(tablet -> !synced.contains(tablet)).findFirst().orElse(null);
    }

    /** Goes through what was committed since the last page, up to {@code latest} or the end of a commit. */
    private SyncCursor readLog(SyncCursor cursor, Map<Integer, Tablet> targets, long latest) {
        LogReader reader = new LogReader(cursor, targets);
        boolean isAtEnd = store.readLog(cursor.syncedTo(), latest, reader::read);
        long syncedTo = isAtEnd ? latest : reader.current;
        return new SyncCursor(cursor.syncId(), syncedTo, cursor.synced(), cursor.inProgress(), cursor.lastId(),
                cursor.inTable(), cursor.documents() + revisions.size());
    }

    private final class LogReader {

        private final SyncCursor cursor;
        private final Map<Integer, Tablet> targets;
        private long current;
        private int read;

        LogReader(SyncCursor cursor, Map<Integer, Tablet> targets) {
            this.cursor = cursor;
            this.targets = targets;
            this.current = cursor.syncedTo();
        }

        /** False if the entry begins a commit and the page is full. */
        boolean read(LogEntry entry) {
            boolean isFull = read >= MAX_READ || DataSync.this.isFull();
            if (isFull && entry.timestamp() != current) {
                return false;
            }
            current = entry.timestamp();
            read++;
            if (cursor.captures(entry.tablet(), entry.id())) {
                add(name(targets, entry.tablet()), entry.timestamp(), entry.id(), entry.document());
            }
            return true;
        }
    }

    private boolean isFull() {
        return revisions.size() >= MAX_REVISIONS || bytes >= MAX_BYTES;
    }

    private void add(String table, long timestamp, String id, @Nullable StoredDocument document) {
        bytes += document == null ? 0 : document.size();
        revisions.add(new Revision(table, timestamp, id,
                document == null ? null : selection.columns(table).of(document.value())));
    }

    /** Goes on through tables, as of the cursor's time. */
    private SyncCursor readTables(SyncCursor cursor, SortedMap<Integer, Tablet> targets,
            DocumentTransaction transaction) {
        Set<Integer> synced = new HashSet<>(cursor.synced());
        Integer current = cursor.inProgress();
        String lastId = cursor.lastId();
        long inTable = cursor.inTable();
        int before = revisions.size();
        while (current != null && !isFull()) {
            String table = name(targets, current);
            IndexBounds rest = lastId == null ? IndexBounds.ALL
                    : new IndexBounds(List.of(), new IndexBounds.Bound(ConvexValue.of(lastId), false), null);
            DocumentScan scan = transaction.scan(table, "by_id", rest, false, null);
            StoredDocument next = scan.next();
            while (next != null && !isFull()) {
                add(table, next.timestamp(), next.id(), next);
                lastId = next.id();
                inTable++;
                next = scan.next();
            }
            if (next == null) {
                synced.add(current);
                current = next(synced, targets);
                lastId = null;
                inTable = 0;
            }
        }
        return new SyncCursor(cursor.syncId(), cursor.syncedTo(), synced, current, lastId, inTable,
                cursor.documents() + revisions.size() - before);
    }
}
