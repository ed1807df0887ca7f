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
package dev.convexbackfill.local.snapshot;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.local.schema.DatabaseSchema;
import dev.convexbackfill.local.schema.TableSchema;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.ImportRefusedException;
import dev.convexbackfill.local.store.ImportTable;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.TableImports;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One import, from an opened file to tables that are shown. Documents go into hidden tables, which one transaction shows, with
 * the import's completion; only what is appended goes straight into the app's table. Source: {@code snapshot_import/mod.rs} of
 * the Convex backend.
 */
final class ImportRun {

    /** Half of what one transaction of Convex may write. */
    private static final int BATCH_DOCUMENTS = 8000;
    private static final long BATCH_BYTES = 8L << 20;

    private final SnapshotDatabase database;
    private final String id;
    private final ImportFile file;
    private final ImportFormat format;
    private final ImportMode mode;
    private final StopSignal closing;
    private final DatabaseSchema schema;
    private final Map<String, ImportTable> targets = new TreeMap<>();

    ImportRun(SnapshotDatabase database, String id, ImportFile file, ImportFormat format, ImportMode mode,
            StopSignal closing) {
        this.database = database;
        this.id = id;
        this.file = file;
        this.format = format;
        this.mode = mode;
        this.closing = closing;
        this.schema = database.read(ImportRun::schema);
    }

    private static DatabaseSchema schema(DocumentTransaction transaction) {
        return transaction.schemas().active().orElse(DatabaseSchema.EMPTY);
    }

    /** The import was canceled, or the deployment is closing. */
    static final class EndedException extends RuntimeException {}

    /** Imports everything. What is hidden when this throws is thrown away, unless the deployment is closing. */
    void run() throws IOException {
        try {
            TablePlan plan = TablePlan.of(file, mode, database.read(DocumentTransaction::tableNumbers),
                    schema.tables().keySet());
            database.read(transaction -> {
                plan.requireNoConflict(transaction, mode);
                return plan;
            });
            prepare(plan);
            long rows = 0;
            for (ImportFile.Table table : file.tables()) {
                rows += fill(table);
            }
            finish(plan, rows);
        } catch (IOException | RuntimeException failed) {
            discard();
            throw failed;
        }
    }

    /** Tables that want a number come first, so that no other table takes it. */
    private void prepare(TablePlan plan) {
        List<Map.Entry<String, @Nullable Long>> tables = new ArrayList<>(plan.numbers().entrySet());
        tables.sort(Comparator.comparing(table -> table.getValue() == null));
        for (Map.Entry<String, @Nullable Long> table : tables) {
            targets.put(table.getKey(), update(transaction -> prepare(transaction, table.getKey(), table.getValue())));
        }
    }

    private ImportTable prepare(DocumentTransaction transaction, String table, @Nullable Long number) {
        if (mode == ImportMode.REQUIRE_EMPTY) {
            requireEmpty(transaction, table);
        }
        TableImports imports = transaction.imports();
        ImportTable existing = mode == ImportMode.APPEND ? imports.existing(table) : null;
        if (existing == null) {
            return imports.createHidden(table, number);
        }
        if (number != null && existing.number() != number) {
            throw new ImportRefusedException("TableNumberConflict",
                    "table %s wants table number %d but was already assigned %d".formatted(table, number,
                            existing.number()));
        }
        return existing;
    }

    static void requireEmpty(DocumentTransaction transaction, String table) {
        if (transaction.scan(table, "by_id", IndexBounds.ALL, false, null).next() != null) {
            throw new ImportRefusedException("TableExists",
                    "Table %s already exists. Please choose a new table name or use replace/append modes."
                            .formatted(table));
        }
    }

    private long fill(ImportFile.Table table) throws IOException {
        String name = table.name();
        ImportTable target = java.util.Objects.requireNonNull(targets.get(name));
        progress(name, 0, "Importing \"%s\"".formatted(name));
        UnaryOperator<ConvexObject> remap = remap(name);
        long written = 0;
        List<ConvexObject> batch = new ArrayList<>();
        long bytes = 0;
        try (RowReader rows = table.rows().open()) {
            for (ConvexObject row = rows.next(); row != null; row = rows.next()) {
                batch.add(remap.apply(row));
                bytes += ValueLimits.sizeOf(row);
                if (batch.size() >= BATCH_DOCUMENTS || bytes >= BATCH_BYTES) {
                    insert(target, batch);
                    written += batch.size();
                    progress(name, written,
                            "Importing \"%s\" (%s documents)".formatted(name, ChangeSummary.number(written)));
                    batch = new ArrayList<>();
                    bytes = 0;
                }
            }
        }
        insert(target, batch);
        long all = written + batch.size();
        update(transaction -> {
            ImportRows.checkpoint(transaction, id, name, all,
                    "Imported \"%s\" (%s documents)".formatted(name, ChangeSummary.number(all)));
            return id;
        });
        return all;
    }

    /** A CSV file has no missing cells, so an empty one of an optional field counts as missing. */
    private UnaryOperator<ConvexObject> remap(String table) {
        TableSchema target = schema.tables().get(table);
        if (format != ImportFormat.CSV || target == null
                || !(target.documentType() instanceof Validator.ObjectOf declared)) {
            return row -> row;
        }
        return row -> {
            ConvexObject kept = row;
            for (String name : row.names()) {
                Validator.ObjectOf.Field field = declared.fields().get(name);
                if (field != null && field.optional() && ConvexValue.of("").equals(row.get(name))) {
                    kept = kept.without(name);
                }
            }
            return kept;
        };
    }

    private void insert(ImportTable target, List<ConvexObject> documents) {
        if (documents.isEmpty()) {
            return;
        }
        Set<String> ids = new HashSet<>();
        for (ConvexObject document : documents) {
            if (document.get(FieldName.ID) instanceof ConvexString(String given) && !ids.add(given)) {
                throw new ImportRefusedException("DuplicateId",
                        "Objects in table \"%s\" have duplicate _id fields".formatted(target.name()));
            }
        }
        update(transaction -> {
            TableImports imports = transaction.imports();
            documents.forEach(document -> imports.insert(target, document));
            return target;
        });
    }

    private void finish(TablePlan plan, long rows) {
        update(transaction -> {
            if (!schema.equals(schema(transaction))) {
                throw TableImports.schemaChanged();
            }
            TableImports imports = transaction.imports();
            List<ImportTable> hidden = targets.values().stream().filter(ImportTable::isHidden).toList();
            if (mode == ImportMode.REQUIRE_EMPTY) {
                // the app may have written meanwhile, and its documents must not vanish
                hidden.forEach(table -> requireEmpty(transaction, table.name()));
            }
            if (mode == ImportMode.REPLACE_ALL) {
                transaction.tableNumbers().keySet().stream().filter(name -> !plan.has(name)).forEach(imports::drop);
            }
            imports.show(hidden);
            ImportRows.complete(transaction, id, rows);
            return rows;
        });
    }

    private void progress(String table, long rows, String message) {
        update(transaction -> {
            ImportRows.progress(transaction, id, table, rows, message);
            return id;
        });
    }

    /** Every step ends an import that was canceled. */
    private <T> T update(java.util.function.Function<DocumentTransaction, T> work) {
        if (closing.isGiven()) {
            throw new EndedException();
        }
        return database.write(transaction -> {
            if (!ImportRows.stateOf(ImportRows.require(transaction, id)).equals(ImportRows.IN_PROGRESS)) {
                throw new EndedException();
            }
            return work.apply(transaction);
        });
    }

    private void discard() {
        if (!closing.isGiven()) {
            database.write(transaction -> {
                targets.values().stream().filter(ImportTable::isHidden).forEach(transaction.imports()::discard);
                return id;
            });
        }
    }
}
