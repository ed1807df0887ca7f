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
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.TableNames;
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

    private final Store store;
    private final Transaction entries;
    private final SchemaCatalog schemas;
    private final TableCatalog tables;
    private final Documents documents;
    private final SystemFields systemFields;

    private DocumentTransaction(Store store, Transaction entries, TransactionUsage usage,
            @Nullable DocumentSchema schema) {
        this.store = store;
        this.entries = entries;
        this.tables = new TableCatalog(entries);
        Instant now = store.clock().instant();
        double clock = now.getEpochSecond() * 1000.0 + now.getNano() / 1e6;
        this.schemas = new SchemaCatalog(store, entries, clock);
        this.documents = new Documents(entries, usage, schema, schemas);
        this.systemFields = new SystemFields(now, Math.max(clock, entries.snapshot().timestamp() / 1e6));
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
        return index.equals(TableRow.BY_ID) ? List.of() : row.index(index).fields();
    }

    /** Deletes a table with its documents, if there is one of that name. Refuses one that the active schema needs. */
    public void deleteTable(String name) {
        TableRow row = tables.find(name);
        if (row != null && !row.isSystem()) {
            documents.requireNotNeeded(row);
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
        return row == null ? 0 : documents.count(row);
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
        return table == null ? null : documents.read(table, id);
    }

    /** Creates the table if it is new. The document must not have {@code _id} or {@code _creationTime}. */
    public DocumentId insert(String table, ConvexObject fields) {
        SystemFields.requireNone(fields);
        TableRow row = tables.find(table);
        TableRow into = row == null ? tables.create(table) : row;
        DocumentId id = systemFields.newId(into.number());
        entries.reads().addUncountedKey(Keys.document(into.tablet(), id.toString()));
        documents.write(into, null, SystemFields.give(fields, id, systemFields.nextCreationTime()), tables::nameOf);
        return id;
    }

    /** What imports may do in this transaction. */
    public TableImports imports() {
        return new TableImports(entries, tables, schemas, documents, systemFields);
    }

    /** Puts a document with its own id and creation time; for loading data. The table must exist. */
    public void restore(String table, ConvexObject document) {
        TableRow row = requireNonNull(tables.find(table), "the table does not exist");
        documents.write(row, documents.read(row, document.string(FieldName.ID)), document, tables::nameOf);
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
        change("Replace", "replace", id, old -> SystemFields.keep(old, fields));
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
        StoredDocument old = table == null ? null : documents.read(table, id);
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
            SystemFields.requireSame(old.value(), changed);
        }
        // Convex leaves out a write that changes nothing
        if (!old.value().equals(changed)) {
            documents.write(table, old, changed, tables::nameOf);
        }
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
        // the system's tables are made when they are first written, and always exist as far as one can see
        boolean isOwnIndex = index.equals(TableRow.BY_ID) || index.equals(TableRow.BY_CREATION_TIME.name())
                || table.startsWith("_");
        if (row == null && !isOwnIndex) {
            throw TableRow.indexNotFound(table, index);
        }
        return row == null ? DocumentScan.EMPTY : documents.scan(row, index, bounds, reverse, after, through);
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

    private static DocumentId parse(String operation, String id) {
        try {
            return DocumentId.parse(id);
        } catch (InvalidValueException invalid) {
            throw new InvalidOperationException(
                    "Invalid argument `id` for `db.%s`: %s".formatted(operation, invalid.getMessage()));
        }
    }
}
