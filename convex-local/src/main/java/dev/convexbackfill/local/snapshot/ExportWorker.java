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
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.PinnedMoment;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the exports that are requested, one after the other. One that a process left unfinished begins again. */
final class ExportWorker {

    private static final Logger LOG = LoggerFactory.getLogger(ExportWorker.class);
    private static final int BUFFER = 1 << 16;

    private final SnapshotDatabase database;
    private final SnapshotFiles files;
    private final StopSignal closing;

    ExportWorker(SnapshotDatabase database, SnapshotFiles files, StopSignal closing) {
        this.database = database;
        this.files = files;
        this.closing = closing;
    }

    /** The export is not wanted any more, or the deployment is closing. */
    private static final class EndedException extends RuntimeException {}

    /** Makes the next export. Returns false if there is none to make. */
    boolean runNext() {
        deleteExpired();
        List<ConvexObject> wanted = database.read(transaction -> ExportRows.all(transaction,
                row -> ExportRows.isIn(row, ExportRows.REQUESTED, ExportRows.IN_PROGRESS)));
        if (wanted.isEmpty()) {
            return false;
        }
        String id = wanted.getFirst().string("_id");
        try {
            run(id, wanted.getFirst().object("format").bool("include_storage"));
        } catch (EndedException _) {
            LOG.debug("The export '{}' was ended", id);
        } catch (IOException | RuntimeException failed) {
            LOG.error("The export '{}' failed", id, failed);
            update(id, ExportRows.FAILED, Map.of("failed_ts", ConvexValue.int64(now())));
        }
        return true;
    }

    private void run(String id, boolean includeStorage) throws IOException {
        try (PinnedMoment pinned = PinnedMoment.pin(database.store());
                DocumentTransaction transaction = database.at(pinned.moment())) {
            ConvexValue start = ConvexValue.int64(pinned.moment().timestamp());
            update(id, ExportRows.IN_PROGRESS, Map.of("start_ts", start, "progress_message", ConvexNull.NULL));
            String key = files.create(out -> {
                BufferedOutputStream buffered = new BufferedOutputStream(out, BUFFER);
                SnapshotZip.write(transaction, includeStorage, buffered, message -> update(id, ExportRows.IN_PROGRESS,
                        Map.of("progress_message", ConvexValue.of(message))));
                buffered.flush();
            });
            long size = Files.size(Objects.requireNonNull(files.find(key)));
            try {
                update(id, ExportRows.COMPLETED, Map.of("complete_ts", ConvexValue.int64(now()), "zip_object_key",
                        ConvexValue.of(key), "size", ConvexValue.int64(size)));
            } catch (RuntimeException unwanted) {
                files.delete(key);
                throw unwanted;
            }
        }
    }

    private void update(String id, String state, Map<String, ConvexValue> fields) {
        if (closing.isGiven()) {
            throw new EndedException();
        }
        database.write(transaction -> {
            ConvexObject row = ExportRows.find(transaction, id);
            if (row == null || ExportRows.isIn(row, ExportRows.CANCELED)) {
                throw new EndedException();
            }
            ExportRows.moveTo(transaction, id, state, fields);
            return state;
        });
    }

    private void deleteExpired() {
        List<ConvexObject> expired = database.read(transaction -> ExportRows.all(transaction,
                row -> ExportRows.isIn(row, ExportRows.COMPLETED) && ExportRows.int64(row, "expiration_ts") < now()));
        for (ConvexObject row : expired) {
            files.delete(row.string("zip_object_key"));
            database.write(transaction -> {
                transaction.delete(row.string("_id"));
                return row;
            });
        }
    }

    private long now() {
        return database.store().clock().millis() * 1_000_000;
    }
}
