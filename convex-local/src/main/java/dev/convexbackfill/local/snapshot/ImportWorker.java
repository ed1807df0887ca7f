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
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.local.snapshot.ChangeSummary.Change;
import dev.convexbackfill.local.snapshot.ImportRun.EndedException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.ImportRefusedException;
import dev.convexbackfill.local.store.InvalidOperationException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what imports wait for, one after the other: looks through the file of one that was uploaded, and imports one that was
 * confirmed.
 */
final class ImportWorker {

    private static final Logger LOG = LoggerFactory.getLogger(ImportWorker.class);

    private final SnapshotDatabase database;
    private final SnapshotFiles files;
    private final StopSignal closing;

    ImportWorker(SnapshotDatabase database, SnapshotFiles files, StopSignal closing) {
        this.database = database;
        this.files = files;
        this.closing = closing;
    }

    /**
     * Puts in order what a process left that ended in the middle: tables that nobody saw are thrown away, and imports begin
     * again, but for those that appended, of which nobody knows how much is there.
     */
    void recover() {
        database.write(transaction -> {
            transaction.imports().discardHidden();
            ImportRows.all(transaction, row -> ImportRows.stateOf(row).equals(ImportRows.IN_PROGRESS)
                    && ImportMode.ofStored(row.string("mode")) == ImportMode.APPEND)
                    .forEach(row -> ImportRows.fail(transaction, row.string(FieldName.ID), wrap(
                            "The deployment ended while the import appended, so some of its documents are there and others"
                                    + " are not")));
            return transaction;
        });
    }

    private static String wrap(String message) {
        return "Hit an error while importing:\n" + message;
    }

    /** Does one thing. Returns false if there is nothing to do. */
    boolean runNext() {
        for (String state : List.of(ImportRows.UPLOADED, ImportRows.IN_PROGRESS)) {
            List<ConvexObject> due = database.read(transaction -> ImportRows.all(transaction,
                    row -> ImportRows.stateOf(row).equals(state)));
            if (!due.isEmpty()) {
                run(due.getFirst());
                return true;
            }
        }
        return false;
    }

    private void run(ConvexObject row) {
        String id = row.string(FieldName.ID);
        String key = row.string("object_key");
        ConvexObject kind = row.object("format");
        ImportFormat format = ImportFormat.ofStored(kind.string("format"));
        ImportMode mode = ImportMode.ofStored(row.string("mode"));
        Path path = files.find(key);
        if (path == null) {
            fail(id, "The uploaded file is gone; import it again");
            return;
        }
        try (ImportFile file = ImportFile.open(path, format, kind.optionalString("table"))) {
            if (ImportRows.stateOf(row).equals(ImportRows.UPLOADED)) {
                summarize(id, file, mode);
                return;
            }
            new ImportRun(database, id, file, format, mode, closing).run();
        } catch (EndedException _) {
            LOG.debug("The import '{}' was ended", id);
        } catch (ImportRefusedException refused) {
            LOG.info("The import '{}' was refused ({}): {}", id, refused.code(), refused.getMessage());
            fail(id, String.valueOf(refused.getMessage()));
        } catch (InvalidOperationException refused) {
            LOG.info("The import '{}' was refused: {}", id, refused.getMessage());
            fail(id, String.valueOf(refused.getMessage()));
        } catch (IOException | RuntimeException failed) {
            LOG.error("The import '{}' failed", id, failed);
            fail(id, "Your request couldn't be completed. Try again later.");
        }
        if (!closing.isGiven()) {
            files.delete(key);
        }
    }

    private void fail(String id, String message) {
        if (!closing.isGiven()) {
            database.write(transaction -> {
                String state = ImportRows.stateOf(ImportRows.require(transaction, id));
                if (!state.equals(ImportRows.FAILED) && !state.equals(ImportRows.COMPLETED)) {
                    ImportRows.fail(transaction, id, wrap(message));
                }
                return id;
            });
        }
    }

    private void summarize(String id, ImportFile file, ImportMode mode) throws IOException {
        SortedMap<String, Long> rows = new TreeMap<>();
        SortedMap<String, Boolean> withoutId = new TreeMap<>();
        file.numbers().keySet().stream().filter(name -> !name.startsWith("_")).forEach(name -> rows.put(name, 0L));
        for (ImportFile.Table table : file.tables()) {
            count(table, rows, withoutId);
        }
        database.write(transaction -> {
            if (!ImportRows.stateOf(ImportRows.require(transaction, id)).equals(ImportRows.UPLOADED)) {
                throw new EndedException();
            }
            if (mode == ImportMode.REPLACE_ALL) {
                transaction.tableNumbers().keySet().forEach(name -> rows.putIfAbsent(name, 0L));
            }
            SortedMap<String, Change> changes = new TreeMap<>();
            rows.forEach(
                    (name, added) -> changes.put(name, change(transaction, name, added, mode, withoutId.get(name))));
            ImportRows.wait(transaction, id, ChangeSummary.message(changes, file.leftOut()), changes);
            return changes;
        });
    }

    private void count(ImportFile.Table table, SortedMap<String, Long> rows, SortedMap<String, Boolean> withoutId)
            throws IOException {
        long count = 0;
        try (RowReader reader = table.rows().open()) {
            for (ConvexObject row = reader.next(); row != null; row = reader.next()) {
                count++;
                if (!row.has(FieldName.ID)) {
                    withoutId.put(table.name(), true);
                }
                if (closing.isGiven()) {
                    throw new EndedException();
                }
            }
        }
        rows.put(table.name(), count);
    }

    private static Change change(DocumentTransaction transaction, String table, long added, ImportMode mode,
            @Nullable Boolean isMissingId) {
        if (mode == ImportMode.REQUIRE_EMPTY) {
            ImportRun.requireEmpty(transaction, table);
        }
        long existing = transaction.count(table);
        return new Change(added, mode.replaces() ? existing : 0, existing, Boolean.TRUE.equals(isMissingId));
    }
}
