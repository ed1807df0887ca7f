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

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.limits.ValueRules;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.TableNames;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes documents in one transaction, as a Convex function does. What Convex refuses is an
 * {@link InvalidOperationException} after which the transaction goes on. Not thread-safe.
 */
public final class DocumentTransaction implements AutoCloseable {

    private static final String BY_ID = "by_id";
    private static final int RANDOM_BYTES = 14;
    private static final long SECONDS_PER_DAY = 86_400;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Store store;
    private final Transaction entries;
    private final TransactionUsage usage;
    /** What documents must look like; null for what the deployment's own schemas say. */
    private final @Nullable DocumentSchema schema;
    private final SchemaCatalog schemas;
    private final TableCatalog tables;
    private final int day;
    private double creationTime;

    private DocumentTransaction(Store store, Transaction entries, TransactionUsage usage,
            @Nullable DocumentSchema schema) {
        this.store = store;
        this.schema = schema;
        this.entries = entries;
        this.usage = usage;
        this.tables = new TableCatalog(entries);
        Instant now = store.clock().instant();
        this.day = (int) (now.getEpochSecond() / SECONDS_PER_DAY);
        double clock = now.getEpochSecond() * 1000.0 + now.getNano() / 1e6;
        this.creationTime = Math.max(clock, entries.snapshot().timestamp() / 1e6);
        this.schemas = new SchemaCatalog(store, entries, clock);
    }

    /** Begins at the latest commit. The caller closes the transaction, or commits it. Writes must fit the active schema. */
    public static DocumentTransaction begin(Store store, TransactionUsage usage) {
        return new DocumentTransaction(store, store.begin(), usage, null);
    }

    /** As the other one, with {@code schema} in the place of the deployment's own. */
    public static DocumentTransaction begin(Store store, TransactionUsage usage, DocumentSchema schema) {
        return new DocumentTransaction(store, store.begin(), usage, schema);
    }

    /** A transaction that only reads, as of a time that was {@link Moment kept}. */
    public static DocumentTransaction at(Store store, Moment moment, TransactionUsage usage) {
        return new DocumentTransaction(store, store.beginAt(moment.snapshot()), usage, DocumentSchema.NONE);
    }

    /** A time to which transactions can go back as long as this object is held. */
    public static Moment now(Store store) {
        return new Moment(store.latest());
    }

    /** The latest time, at which queries can be run whose results are to be watched. The caller closes it. */
    public static WatchPoint watchPoint(Store store) {
        return new WatchPoint(store);
    }

    /** A time after which the store remembers what is committed, so that nothing read as of it is watched too late. */
    public static final class WatchPoint implements AutoCloseable {

        private final Store store;
        private final Transaction held;

        private WatchPoint(Store store) {
            this.store = store;
            this.held = store.begin();
        }

        public Moment moment() {
            return new Moment(held.snapshot());
        }

        /**
         * Watches everything that a transaction {@link #at} this time has read. {@code listener} is called once, when the
         * first of it has changed, possibly before this returns; it must be quick.
         */
        public Subscription subscribe(DocumentTransaction transaction, Runnable listener) {
            return store.subscribe(transaction.entries.reads(), held.snapshot().timestamp(), listener);
        }

        @Override
        public void close() {
            store.end(held);
        }
    }

    /** See {@link #now}. */
    public static final class Moment {

        private final Snapshot snapshot;

        private Moment(Snapshot snapshot) {
            this.snapshot = snapshot;
        }

        private Snapshot snapshot() {
            return snapshot;
        }

        /** Nanoseconds since 1970. */
        public long timestamp() {
            return snapshot.timestamp();
        }
    }

    /**
     * Makes everything written durable and visible; returns when that happened, in nanoseconds since 1970. Throws
     * {@link ConflictException}.
     */
    public long commit() {
        return store.commit(entries);
    }

    /** The time as of which it reads, in nanoseconds since 1970. */
    public long began() {
        return entries.snapshot().timestamp();
    }

    /** Throws away what was not committed. */
    @Override
    public void close() {
        store.end(entries);
    }

    /** The schemas that were pushed. */
    public SchemaCatalog schemas() {
        return schemas;
    }

    /** The table to which an id belongs, for validators. */
    public TableNames tableNames() {
        return tables::nameOf;
    }

    /** The indexes that the app has declared, by table and name. */
    public List<IndexInfo> indexes() {
        List<IndexInfo> indexes = new ArrayList<>();
        for (TableRow table : tables.rows().stream().filter(row -> !row.isSystem()).toList()) {
            long documents = store.count(table.tablet());
            for (IndexRow index : table.declaredIndexes()) {
                byte[] progress = entries.get(Keys.indexProgress(table.tablet(), index.ordinal()));
                long indexed = index.state() != IndexState.BACKFILLING ? documents
                        : progress == null ? 0 : Progress.decode(progress).done();
                indexes.add(new IndexInfo(table.name(), index.name(), index.fields(), index.state(), index.isStaged(),
                        documents, indexed));
            }
        }
        indexes.sort(Comparator.comparing(IndexInfo::table).thenComparing(IndexInfo::name));
        return indexes;
    }

    /**
     * The fields of an index, without the id, which follows them unseen: what {@link IndexRange#bounds} needs. Refuses an
     * index that can't be queried, as {@code withIndex} does also where the whole table is missing.
     */
    public List<String> indexFields(String table, String index) {
        TableRow row = tables.find(table);
        if (row == null) {
            throw TableRow.indexNotFound(table, index);
        }
        return index.equals(BY_ID) ? List.of() : row.index(index).fields();
    }

    /** Deletes a table with its documents, if there is one of that name. Refuses one that the active schema needs. */
    public void deleteTable(String name) {
        TableRow row = tables.find(name);
        if (row != null && !row.isSystem()) {
            if (schema == null) {
                schemas.enforceDeletion(name);
            }
            tables.drop(row);
        }
    }

    /** The numbers of the app's tables by name. */
    public Map<String, Long> tableNumbers() {
        return tables.numbers();
    }

    /** The tablets of the app's tables, older ones first. */
    public List<Tablet> tablets() {
        return tables.rows().stream().filter(row -> !row.isSystem())
                .map(row -> new Tablet(row.tablet(), row.name(), row.number()))
                .sorted(Comparator.comparingInt(Tablet::id)).toList();
    }

    /** Makes an empty table unless there is one of that name. Refuses what can't name a table. */
    public void ensureTable(String name) {
        if (tables.find(name) == null) {
            tables.create(name);
        }
    }

    /**
     * Makes an empty table of the system's, whose name begins with an underscore, unless there is one of that name.
     * {@code indexes} names more indexes than those that every table has, with the paths of their fields.
     */
    public void ensureSystemTable(String name, long number, Map<String, List<String>> indexes) {
        if (tables.find(name) == null) {
            tables.createSystem(name, number, indexes);
        }
    }

    /** The name of the table that the id belongs to; null if there is none, or if it is no id. */
    public @Nullable String tableOf(String id) {
        TableRow row = DocumentId.isValid(id) ? tables.of(DocumentId.parse(id)) : null;
        return row == null ? null : row.name();
    }

    /** How many documents the table had when the transaction began. As in Convex, this reads the whole table. */
    public long count(String table) {
        TableRow row = tables.find(table);
        if (row == null) {
            return 0;
        }
        byte[] documents = Keys.documents(row.tablet());
        entries.reads().add(documents, Bytes.afterPrefix(documents));
        return entries.snapshot().count(row.tablet());
    }

    /** The id in its canonical form if it is one of that table, else null. */
    public @Nullable DocumentId normalizeId(String table, String id) {
        TableRow row = tables.find(table);
        if (row == null || !DocumentId.isValid(id)) {
            return null;
        }
        DocumentId parsed = DocumentId.parse(id);
        return parsed.tableNumber() == row.number() ? parsed : null;
    }

    /** The document, or null if there is none. Refuses what is no id. */
    public @Nullable StoredDocument get(String id) {
        DocumentId parsed = parse("get", id);
        TableRow table = tables.of(parsed);
        return table == null ? null : read(table, id);
    }

    private @Nullable StoredDocument read(TableRow table, String id) {
        byte[] stored = entries.get(Keys.document(table.tablet(), id));
        usage.ranges(entries.reads().counted());
        if (stored == null) {
            return null;
        }
        return charged(table, StoredDocument.decode(stored));
    }

    /** What the system keeps for itself is not charged to the function. */
    private StoredDocument charged(TableRow table, StoredDocument document) {
        if (!table.isSystem()) {
            usage.read(document.size());
        }
        return document;
    }

    /** Creates the table if it is new. The document must not have {@code _id} or {@code _creationTime}. */
    public DocumentId insert(String table, ConvexObject fields) {
        for (String system : List.of(FieldName.ID, FieldName.CREATION_TIME)) {
            if (fields.has(system)) {
                throw new InvalidOperationException("Provided document has a system field `%s`".formatted(system));
            }
        }
        TableRow row = tables.find(table);
        TableRow into = row == null ? tables.create(table) : row;
        DocumentId id = newId(into.number());
        entries.reads().addUncountedKey(Keys.document(into.tablet(), id.toString()));
        write(into, null, fields.with(FieldName.ID, ConvexValue.of(id.toString()))
                .with(FieldName.CREATION_TIME, ConvexValue.number(nextCreationTime())));
        return id;
    }

    /** What imports may do in this transaction. */
    public TableImports imports() {
        return new TableImports(this, entries, tables, schemas);
    }

    /** The creation time of the next document. */
    double nextCreationTime() {
        creationTime = Math.nextUp(creationTime);
        return creationTime;
    }

    /** Puts a document with its own id and creation time; for loading data. The table must exist. */
    public void restore(String table, ConvexObject document) {
        TableRow row = requireNonNull(tables.find(table), "the table does not exist");
        write(row, read(row, document.string(FieldName.ID)), document);
    }

    /** Sets some fields, removes those whose value is null here, and keeps the others. */
    public void patch(String id, Map<String, ? extends @Nullable ConvexValue> fields) {
        change("Update", "patch", id, old -> {
            ConvexObject merged = old;
            for (Map.Entry<String, ? extends @Nullable ConvexValue> field : fields.entrySet()) {
                ConvexValue value = field.getValue();
                merged = value == null ? merged.without(field.getKey()) : merged.with(field.getKey(), value);
            }
            return merged;
        });
    }

    /** Replaces all fields but the id and the creation time, which may only be given as they are. */
    public void replace(String id, ConvexObject fields) {
        change("Replace", "replace", id, old -> {
            ConvexObject replacement = fields;
            for (String system : List.of(FieldName.ID, FieldName.CREATION_TIME)) {
                if (!fields.has(system)) {
                    replacement = replacement.with(system, old.require(system));
                }
            }
            return replacement;
        });
    }

    public void delete(String id) {
        change("Delete", "delete", id, _ -> null);
    }

    private interface Change {

        @Nullable
        ConvexObject apply(ConvexObject old);
    }

    private void change(String verb, String operation, String id, Change change) {
        DocumentId parsed = parse(operation, id);
        TableRow table = tables.of(parsed);
        StoredDocument old = table == null ? null : read(table, id);
        if (table == null || old == null) {
            throw new InvalidOperationException("%s on nonexistent document ID %s".formatted(verb, id));
        }
        ConvexObject changed;
        try {
            changed = change.apply(old.value());
        } catch (InvalidValueException invalid) {
            throw new InvalidOperationException(String.valueOf(invalid.getMessage()));
        }
        if (changed != null) {
            requireSame(old.value(), changed, FieldName.ID);
            requireSame(old.value(), changed, FieldName.CREATION_TIME);
        }
        // Convex leaves out a write that changes nothing
        if (!old.value().equals(changed)) {
            write(table, old, changed);
        }
    }

    private static void requireSame(ConvexObject old, ConvexObject changed, String system) {
        if (!old.require(system).equals(changed.get(system))) {
            throw new InvalidOperationException(
                    "Provided `%s` field value does not match the document's".formatted(system));
        }
    }

    private void write(TableRow table, @Nullable StoredDocument old, @Nullable ConvexObject changed) {
        write(table, old, changed, tableNames());
    }

    /** Tables are named by {@code names} to validators of ids. */
    void write(TableRow table, @Nullable StoredDocument old, @Nullable ConvexObject changed, TableNames names) {
        long size = 0;
        if (changed != null) {
            requireFits(table, changed, names);
            size = table.isSystem() ? ValueLimits.sizeOf(changed) : requireStorable(changed);
        }
        if (table.isSystem()) {
            usage.writeSystem(size);
        } else {
            usage.write(size);
        }
        String id = requireNonNull(changed != null ? changed : requireNonNull(old).value()).string(FieldName.ID);
        for (IndexRow index : table.indexes()) {
            if (old != null) {
                entries.delete(index.entry(table.tablet(), old.value(), id));
            }
            if (changed != null) {
                entries.put(index.entry(table.tablet(), changed, id), new byte[]{1});
            }
        }
        byte[] key = Keys.document(table.tablet(), id);
        if (changed == null) {
            entries.delete(key);
        } else {
            entries.put(key, StoredDocument.encode(changed));
        }
    }

    private void requireFits(TableRow table, ConvexObject document, TableNames names) {
        if (schema == null && !table.isSystem()) {
            schemas.enforce(table.name(), document, names);
        }
        String problem = schema == null ? null : schema.problem(table.name(), document, names);
        if (problem != null) {
            throw new InvalidOperationException(problem);
        }
    }

    private static long requireStorable(ConvexObject document) {
        String problem = ValueRules.problemOfDocument(document);
        if (problem != null) {
            throw new InvalidOperationException(problem);
        }
        return ValueLimits.sizeOf(document);
    }

    /**
     * Goes through the documents of a table in the order of an index. Refuses an index that can't be queried; a table that
     * does not exist is empty, as long as no index of the app's is asked for.
     *
     * @param after a {@link DocumentScan#place} to go on behind; null begins
     */
    public DocumentScan scan(String table, String index, IndexBounds bounds, boolean reverse, byte @Nullable [] after) {
        return scan(table, index, bounds, reverse, after, null);
    }

    /** As the shorter one; {@code through} is a {@link DocumentScan#place} to end at, and null ends with the bounds. */
    public DocumentScan scan(String table, String index, IndexBounds bounds, boolean reverse, byte @Nullable [] after,
            byte @Nullable [] through) {
        TableRow row = tables.find(table);
        boolean byId = index.equals(BY_ID);
        // the system's tables are made when they are first written, and always exist as far as one can see
        boolean isOwnIndex = byId || index.equals(TableRow.BY_CREATION_TIME.name()) || table.startsWith("_");
        if (row == null && !isOwnIndex) {
            throw TableRow.indexNotFound(table, index);
        }
        if (row == null) {
            return DocumentScan.EMPTY;
        }
        byte[] prefix = byId ? Keys.documents(row.tablet()) : Keys.index(row.tablet(), row.index(index).ordinal());
        byte[] from = bounds.firstKey(prefix);
        byte[] to = bounds.endKey(prefix);
        if (after != null && !reverse) {
            from = Bytes.max(from, Bytes.successor(after));
        } else if (after != null) {
            to = Bytes.min(to, after);
        }
        if (through != null && !reverse) {
            to = Bytes.min(to, Bytes.successor(through));
        } else if (through != null) {
            from = Bytes.max(from, through);
        }
        Transaction.Scan scan = entries.scan(from, to, reverse);
        return new DocumentScan() {
            @Override
            public @Nullable StoredDocument next() {
                boolean found = scan.next();
                usage.ranges(entries.reads().counted());
                if (!found) {
                    return null;
                }
                return charged(row, StoredDocument.decode(
                        byId ? scan.value() : requireNonNull(entries.peek(documentKeyOf(row, scan.key())))));
            }

            @Override
            public byte[] place() {
                return scan.key();
            }
        };
    }

    /** What was written so far, for {@link #rollBack}. */
    public Savepoint savepoint() {
        return new Savepoint(entries.savepoint());
    }

    /** A point in a transaction. */
    public static final class Savepoint {

        private final NavigableMap<byte[], byte[]> writes;

        private Savepoint(NavigableMap<byte[], byte[]> writes) {
            this.writes = writes;
        }
    }

    /** Undoes what was written since; what was read, and what both have used up of the limits, stays. */
    public void rollBack(Savepoint to) {
        entries.rollBack(to.writes);
        tables.forget();
        schemas.forget();
    }

    /** An index entry ends with the sort key of the id: a tag, 31 to 37 characters without zeros, and a zero. */
    private static byte[] documentKeyOf(TableRow table, byte[] indexEntry) {
        int tag = indexEntry.length - 2;
        while (indexEntry[tag] >= '0') {
            tag--;
        }
        String id = new String(indexEntry, tag + 1, indexEntry.length - tag - 2, StandardCharsets.US_ASCII);
        return Keys.document(table.tablet(), id);
    }

    /** Random bytes, then the day: what Convex makes, so that ids lie evenly over the id space. */
    DocumentId newId(long tableNumber) {
        byte[] internal = new byte[DocumentId.INTERNAL_LENGTH];
        RANDOM.nextBytes(internal);
        ByteBuffer.wrap(internal).putShort(RANDOM_BYTES, (short) day);
        return DocumentId.of(tableNumber, internal);
    }

    private static DocumentId parse(String operation, String id) {
        try {
            return DocumentId.parse(id);
        } catch (InvalidValueException invalid) {
            throw new InvalidOperationException(
                    "Invalid argument `id` for `db.%s`: %s".formatted(operation, invalid.getMessage()));
        }
    }
}
