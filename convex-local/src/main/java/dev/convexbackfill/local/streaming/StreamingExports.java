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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.store.DocumentScan;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.DocumentTransaction.Moment;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.LogEntry;
import dev.convexbackfill.local.store.PinnedMoment;
import dev.convexbackfill.local.store.Store;
import dev.convexbackfill.local.store.StoredDocument;
import dev.convexbackfill.local.store.Tablet;
import dev.convexbackfill.local.streaming.DataSync.Page;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Hands out all documents as of a time and what became of them since, page by page. Refuses with
 * {@link StreamingRefusedException}. Source: {@code crates/database/src/database.rs} and {@code crates/streaming_export} of the
 * Convex backend. Thread-safe.
 */
public final class StreamingExports {

    /** Source: {@code SNAPSHOT_LIST_LIMIT} and {@code DOCUMENT_DELTAS_LIMIT}. */
    private static final int LIST_LIMIT = 1024;
    private static final int DELTAS_LIMIT = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Store store;
    private final byte[] secret;
    private final KeptSnapshots snapshots;
    private final ActiveSyncs syncs;

    /** Makes cursors with {@code secret}. */
    public StreamingExports(Store store, byte[] secret) {
        this.store = store;
        this.secret = secret.clone();
        this.snapshots = new KeptSnapshots(store);
        this.syncs = new ActiveSyncs(store.clock());
    }

    /**
     * A page of all documents as of a time.
     *
     * @param cursor where to go on; null after the last page
     */
    public record SnapshotPage(List<Revision> values, long snapshot, @Nullable String cursor) {

        public SnapshotPage {
            values = List.copyOf(values);
        }
    }

    /**
     * The documents as of {@code snapshot}, or of now for null, that come after {@code cursor}. Refuses with
     * {@code SnapshotTooOld}, {@code SnapshotTooNew} and {@code InvalidListSnapshotCursor}.
     */
    public SnapshotPage listSnapshot(@Nullable Long snapshot, @Nullable String cursor, Selection selection) {
        Place after = cursor == null ? null : Place.parse(cursor);
        return snapshots.read(snapshot, moment -> list(moment, after, selection));
    }

    /** A tablet, and the last document of it that was handed out. */
    private record Place(int tablet, String id) {

        static Place parse(String cursor) {
            try {
                ConvexObject place = ConvexJson.decode(cursor) instanceof ConvexObject object ? object
                        : ConvexObject.EMPTY;
                return new Place(Integer.parseInt(place.string("tablet")),
                        DocumentId.parse(place.string("id")).toString());
            } catch (InvalidValueException | NumberFormatException _) {
                throw new StreamingRefusedException("InvalidListSnapshotCursor",
                        "Invalid value for the `cursor` argument of list_snapshot. Use a `cursor` returned by a previous"
                                + " list_snapshot call, and treat it as an opaque value.");
            }
        }

        String encode() {
            return ConvexJson.encodeToString(ConvexObject.of("tablet", ConvexValue.of(Integer.toString(tablet)), "id",
                    ConvexValue.of(id)));
        }

        /** Before all documents of a tablet. */
        static Place before(Tablet tablet) {
            return new Place(tablet.id(),
                    DocumentId.of(tablet.number(), new byte[DocumentId.INTERNAL_LENGTH]).toString());
        }
    }

    private SnapshotPage list(Moment moment, @Nullable Place after, Selection selection) {
        try (DocumentTransaction transaction = DocumentTransaction.at(store, moment,
                new TransactionUsage(TransactionLimits.NONE))) {
            List<Tablet> tablets = transaction.tablets().stream().filter(tablet -> selection.includes(tablet.table())
                    && (after == null || tablet.id() >= after.tablet())).toList();
            List<Revision> values = new ArrayList<>();
            if (tablets.isEmpty()) {
                return new SnapshotPage(values, moment.timestamp(), null);
            }
            Tablet tablet = tablets.getFirst();
            IndexBounds rest = after == null || after.tablet() != tablet.id() ? IndexBounds.ALL
                    : new IndexBounds(List.of(), new IndexBounds.Bound(ConvexValue.of(after.id()), false), null);
            DocumentScan scan = transaction.scan(tablet.table(), "by_id", rest, false, null);
            for (StoredDocument next = scan.next(); next != null; next = scan.next()) {
                values.add(new Revision(tablet.table(), next.timestamp(), next.id(),
                        selection.columns(tablet.table()).of(next.value())));
                if (values.size() == LIST_LIMIT) {
                    return new SnapshotPage(values, moment.timestamp(),
                            new Place(tablet.id(), next.id()).encode());
                }
            }
            return new SnapshotPage(values, moment.timestamp(),
                    tablets.size() == 1 ? null : Place.before(tablets.get(1)).encode());
        }
    }

    /**
     * What became of documents.
     *
     * @param cursor  where to go on, in nanoseconds since 1970
     * @param hasMore false if there was no more to tell yet
     */
    public record Deltas(List<Revision> values, long cursor, boolean hasMore) {

        public Deltas {
            values = List.copyOf(values);
        }
    }

    /**
     * What was committed after {@code cursor}, in the order of commits, none of them cut in two. Refuses with
     * {@code InvalidWindowToReadDocuments}.
     */
    public Deltas documentDeltas(long cursor, Selection selection) {
        if (cursor < store.oldestLogged()) {
            throw new StreamingRefusedException("InvalidWindowToReadDocuments",
                    "Trying to synchronize from timestamp %d, which is older than the database’s retention window. Please perform a full sync."
                            .formatted(cursor));
        }
        try (PinnedMoment pinned = PinnedMoment.pin(store);
                DocumentTransaction transaction = DocumentTransaction.at(store, pinned.moment(),
                        new TransactionUsage(TransactionLimits.NONE))) {
            Map<Integer, String> names = new HashMap<>();
            transaction.tablets().stream().filter(tablet -> selection.includes(tablet.table()))
                    .forEach(tablet -> names.put(tablet.id(), tablet.table()));
            DeltaReader reader = new DeltaReader(names, selection);
            long latest = pinned.moment().timestamp();
            boolean isAtEnd = store.readLog(cursor, latest, reader::read);
            return new Deltas(reader.values, isAtEnd ? Math.max(cursor, latest) : reader.current, !isAtEnd);
        }
    }

    private static final class DeltaReader {

        private final Map<Integer, String> names;
        private final Selection selection;
        private final List<Revision> values = new ArrayList<>();
        private long current;
        private int read;

        DeltaReader(Map<Integer, String> names, Selection selection) {
            this.names = names;
            this.selection = selection;
        }

        boolean read(LogEntry entry) {
            // all rows count, also those of other tables
            if (read >= DELTAS_LIMIT && entry.timestamp() != current) {
                return false;
            }
            current = entry.timestamp();
            read++;
            String table = names.get(entry.tablet());
            if (table != null) {
                StoredDocument document = entry.document();
                values.add(new Revision(table, entry.timestamp(), entry.id(),
                        document == null ? null : selection.columns(table).of(document.value())));
            }
            return true;
        }
    }

    /** How far a sync is. */
    public enum SyncStatus {
        /** What the reader has is of no one time yet. */
        SNAPSHOTTING,
        /** What the reader has is as of a time that is past. */
        STALE,
        /** What the reader has is as of now. */
        UP_TO_DATE
    }

    /**
     * A page of a sync.
     *
     * @param truncates tables of which the reader drops everything before it applies the values
     * @param timestamp as of when the reader has everything, unless it is snapshotting: nanoseconds since 1970
     */
    public record SyncPage(SyncStatus status, long timestamp, Set<String> truncates, List<Revision> values,
            String syncId,
            String cursor) {

        public SyncPage {
            truncates = Set.copyOf(truncates);
            values = List.copyOf(values);
        }
    }

    /**
     * The page after {@code cursor}; null begins. Refuses with {@code InvalidDataSyncCursor} and
     * {@code DataSyncCursorExpired}.
     */
    public SyncPage sync(@Nullable String cursor, Selection selection) {
        Page page = new DataSync(store, selection).page(cursor == null ? null : SyncCursor.decode(secret, cursor),
                newSyncId());
        SyncCursor reached = page.cursor();
        SyncStatus status = status(page);
        syncs.update(page, status);
        return new SyncPage(status, reached.syncedTo(), new TreeSet<>(page.truncates()), page.revisions(),
                reached.syncId(), reached.encode(secret));
    }

    private static SyncStatus status(Page page) {
        if (page.cursor().inProgress() != null) {
            return SyncStatus.SNAPSHOTTING;
        }
        return page.cursor().syncedTo() < page.latest() ? SyncStatus.STALE : SyncStatus.UP_TO_DATE;
    }

    private static String newSyncId() {
        byte[] id = new byte[16];
        RANDOM.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /** A cursor of a sync for a reader that has everything up to {@code cursor}, a cursor of {@link #documentDeltas}. */
    public String syncCursorFromDeltas(long cursor, Selection selection) {
        if (cursor > store.timestamp()) {
            throw new StreamingRefusedException("InvalidDataSyncCursor",
                    "document_deltas cursor is ahead of the deployment's latest timestamp");
        }
        if (cursor < store.oldestLogged()) {
            throw new StreamingRefusedException("DataSyncCursorExpired",
                    "The cursor is outside the deployment's data retention window and can no longer be resumed.");
        }
        try (DocumentTransaction transaction = DocumentTransaction.at(store, DocumentTransaction.now(store),
                new TransactionUsage(TransactionLimits.NONE))) {
            Set<Integer> synced = new TreeSet<>();
            transaction.tablets().stream().filter(tablet -> selection.includes(tablet.table()))
                    .forEach(tablet -> synced.add(tablet.id()));
            return new SyncCursor(newSyncId(), cursor, synced, null, null, 0, 0).encode(secret);
        }
    }

    /** The syncs of the last days, as Convex lists them, newest first. */
    public List<ConvexObject> activeSyncs() {
        return syncs.list();
    }
}
