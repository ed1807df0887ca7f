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
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.ImportRefusedException;
import dev.convexbackfill.local.store.ImportTable;
import dev.convexbackfill.local.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Exports and imports of a deployment. They run in the background, one export and one import at a time, and go on where a
 * process left them. Refuses with {@link ImportRefusedException}. Thread-safe.
 */
public final class Snapshots implements AutoCloseable {

    private static final int LOAD_BATCH = 1000;

    private final SnapshotDatabase database;
    private final SnapshotFiles files;
    private final Worker exports;
    private final Worker imports;

    /**
     * Begins to work.
     *
     * @param directory where files are kept; null for as long as this is open
     * @param closing   ends the work
     */
    public Snapshots(Store store, @Nullable Path directory, StopSignal closing) {
        this.database = SnapshotDatabase.checked(store);
        this.files = SnapshotFiles.in(directory);
        ExportWorker exporter = new ExportWorker(database, files, closing);
        ImportWorker importer = new ImportWorker(database, files, closing);
        importer.recover();
        this.exports = Worker.start("convex-local-exports", exporter::runNext, closing);
        this.imports = Worker.start("convex-local-imports", importer::runNext, closing);
    }

    /** Asks for an export. Refuses a second one at a time ({@code ExportInProgress}). Returns its id. */
    public String requestExport(boolean includeStorage) {
        DocumentId id = database.write(transaction -> {
            if (!ExportRows.all(transaction, row -> ExportRows.isIn(row, ExportRows.REQUESTED, ExportRows.IN_PROGRESS))
                    .isEmpty()) {
                throw new ImportRefusedException("ExportInProgress",
                        "There is already an export requested or in progress.");
            }
            return ExportRows.request(transaction, includeStorage);
        });
        exports.wake();
        return id.toString();
    }

    /**
     * The file of an export.
     *
     * @param start when it began, in nanoseconds since 1970
     */
    public record ExportFile(Path path, long start) {}

    /**
     * The file of an export that is completed, by the export's id or by when it began. Refuses others
     * ({@code BadSnapshotId}, {@code ExportNotFound}, {@code ExportNotComplete}).
     */
    public ExportFile exportFile(String idOrTime) {
        if (!DocumentId.isValid(idOrTime) && !idOrTime.matches("[0-9]{1,19}")) {
            throw new ImportRefusedException("BadSnapshotId", "Snapshot Id did not parse to an ID.");
        }
        ConvexObject row = database.read(transaction -> ExportRows.find(transaction, idOrTime));
        if (row == null) {
            throw exportNotFound(idOrTime);
        }
        if (!ExportRows.isIn(row, ExportRows.COMPLETED)) {
            throw new ImportRefusedException("ExportNotComplete",
                    "The requested export %s has not completed".formatted(idOrTime));
        }
        Path path = files.find(row.string("zip_object_key"));
        if (path == null) {
            throw exportNotFound(idOrTime);
        }
        return new ExportFile(path, ExportRows.int64(row, "start_ts"));
    }

    private static ImportRefusedException exportNotFound(String id) {
        return new ImportRefusedException("ExportNotFound", "The requested export %s was not found".formatted(id));
    }

    /** Changes when an export that is completed is deleted, in nanoseconds since 1970. */
    public void setExpiration(String id, long nanos) {
        database.write(transaction -> {
            requireExport(transaction, id, ExportRows.COMPLETED);
            transaction.patch(id, Map.of("expiration_ts", ConvexValue.int64(nanos)));
            return id;
        });
    }

    /** Ends an export that is not completed. */
    public void cancelExport(String id) {
        database.write(transaction -> {
            requireExport(transaction, id, ExportRows.REQUESTED, ExportRows.IN_PROGRESS);
            ExportRows.moveTo(transaction, id, ExportRows.CANCELED,
                    Map.of("canceled_ts", ConvexValue.int64(transaction.began())));
            return id;
        });
    }

    private static void requireExport(DocumentTransaction transaction, String id, String... states) {
        ConvexObject row = ExportRows.find(transaction, id);
        if (row == null) {
            throw exportNotFound(id);
        }
        if (!ExportRows.isIn(row, states)) {
            throw new ImportRefusedException("InvalidExportState",
                    "The export %s is %s and not %s".formatted(id, row.string("state"), String.join(" or ", states)));
        }
    }

    /** Begins an upload in parts and returns its token. */
    public String startUpload() throws IOException {
        return files.beginParts();
    }

    /** Keeps a part of an upload and returns the part's token. */
    public String uploadPart(String token, int number, InputStream in) throws IOException {
        requireUpload(token);
        return files.addPart(token, number, in);
    }

    private void requireUpload(String token) {
        if (!files.hasParts(token)) {
            throw new ImportRefusedException("InvalidUploadToken", "There is no upload of this token; start it again");
        }
    }

    /** Ends an upload and returns the import's id. */
    public String finishUpload(String token, List<String> parts, ImportRequest request) throws IOException {
        requireUpload(token);
        for (String part : parts) {
            if (!files.hasPart(token, part)) {
                throw new ImportRefusedException("InvalidUploadToken", "The upload has no part '%s'".formatted(part));
            }
        }
        return start(request, files.joinParts(token, parts));
    }

    private String start(ImportRequest request, String key) {
        DocumentId id = database.write(transaction -> ImportRows.start(transaction, request.format(), request.table(),
                request.mode(), key));
        imports.wake();
        return id.toString();
    }

    /** Lets an import begin that waits for it. Changes nothing if it has begun or ended already. */
    public void performImport(String id) {
        database.write(transaction -> {
            if (ImportRows.stateOf(ImportRows.require(transaction, id)).equals(ImportRows.WAITING)) {
                ImportRows.begin(transaction, id);
            }
            return id;
        });
        imports.wake();
    }

    /** Ends an import that has not ended ({@code CannotCancelImport}). */
    public void cancelImport(String id) {
        String was = database.write(transaction -> {
            String state = ImportRows.stateOf(ImportRows.require(transaction, id));
            if (state.equals(ImportRows.COMPLETED) || state.equals(ImportRows.FAILED)) {
                throw new ImportRefusedException("CannotCancelImport",
                        "Cannot cancel an import that has " + state);
            }
            ImportRows.fail(transaction, id, "Import canceled");
            return state;
        });
        if (was.equals(ImportRows.WAITING)) {
            // in other states the worker reads the file, and deletes it
            files.delete(row(id).string("object_key"));
        }
    }

    /**
     * Imports a file, without confirmation, and returns how many documents it had. Refuses what the import fails for
     * ({@code ImportFailed}).
     */
    public long importNow(ImportRequest request, InputStream in) throws IOException {
        String id = start(request, files.create(in::transferTo));
        awaitState(id, List.of(ImportRows.WAITING));
        performImport(id);
        return ImportRows.rowsWritten(awaitState(id, List.of(ImportRows.COMPLETED)));
    }

    private ConvexObject awaitState(String id, List<String> states) {
        BooleanSupplier isThere = () -> states.contains(ImportRows.stateOf(row(id)))
                || ImportRows.stateOf(row(id)).equals(ImportRows.FAILED);
        imports.await(isThere);
        ConvexObject row = row(id);
        if (!states.contains(ImportRows.stateOf(row))) {
            throw new ImportRefusedException("ImportFailed",
                    ImportRows.stateOf(row).equals(ImportRows.FAILED) ? row.object("state").string("error_message")
                            : "The deployment is closing");
        }
        return row;
    }

    private ConvexObject row(String id) {
        return database.read(transaction -> ImportRows.require(transaction, id));
    }

    /** Replaces tables with empty ones, all at once, and makes those that are not there. */
    public void clearTables(List<String> names) {
        database.write(transaction -> {
            Map<String, Long> numbers = transaction.tableNumbers();
            transaction.imports().show(names.stream().distinct()
                    .map(name -> transaction.imports().createHidden(name, numbers.get(name))).toList());
            return names;
        });
    }

    /**
     * Makes a table of documents that appears as a whole, or, if it has documents already, adds to it. Takes no account of
     * the schema. Returns how many.
     */
    public long load(String table, Stream<ConvexObject> documents) {
        SnapshotDatabase unchecked = SnapshotDatabase.unchecked(database.store());
        ImportTable target = unchecked.write(transaction -> {
            ImportTable existing = transaction.imports().existing(table);
            return existing != null && transaction.count(table) > 0 ? existing
                    : transaction.imports().createHidden(table, existing == null ? null : existing.number());
        });
        try {
            long loaded = fill(unchecked, target, documents.iterator());
            if (target.isHidden()) {
                unchecked.write(transaction -> {
                    ImportRun.requireEmpty(transaction, table);
                    transaction.imports().show(List.of(target));
                    return target;
                });
            }
            return loaded;
        } catch (RuntimeException failed) {
            if (target.isHidden()) {
                unchecked.write(transaction -> {
                    transaction.imports().discard(target);
                    return target;
                });
            }
            throw failed;
        }
    }

    private static long fill(SnapshotDatabase unchecked, ImportTable target, Iterator<ConvexObject> documents) {
        long loaded = 0;
        while (documents.hasNext()) {
            List<ConvexObject> batch = new ArrayList<>();
            while (batch.size() < LOAD_BATCH && documents.hasNext()) {
                batch.add(documents.next());
            }
            unchecked.write(transaction -> {
                batch.forEach(document -> transaction.imports().insert(target, document));
                return batch;
            });
            loaded += batch.size();
        }
        return loaded;
    }

    /** Ends the work, which was told to stop, and waits until it has. */
    @Override
    public void close() {
        exports.close();
        imports.close();
        files.close();
    }
}
