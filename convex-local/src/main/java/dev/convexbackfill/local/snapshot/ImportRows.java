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

import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.local.snapshot.ChangeSummary.Change;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.ImportRefusedException;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.StoredDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code _snapshot_imports}, one for each import, in the fields that Convex gives them. Source:
 * {@code crates/model/src/snapshot_imports} of the Convex backend.
 */
final class ImportRows {

    static final String TABLE = "_snapshot_imports";
    private static final long NUMBER = 222;

    static final String UPLOADED = "uploaded";
    static final String WAITING = "waiting_for_confirmation";
    static final String IN_PROGRESS = "in_progress";
    static final String COMPLETED = "completed";
    static final String FAILED = "failed";

    private ImportRows() {}

    static DocumentId start(DocumentTransaction transaction, ImportFormat format, @Nullable String table,
            ImportMode mode,
            String fileKey) {
        transaction.ensureSystemTable(TABLE, NUMBER, Map.of());
        ConvexObject.Builder kind = ConvexObject.builder().put("format", format.stored());
        if (table != null) {
            kind.put("table", table);
        }
        return transaction.insert(TABLE, ConvexObject.builder()
                .put("state", state(UPLOADED).build())
                .put("format", kind.build())
                .put("mode", mode.stored())
                .put("component_path", ConvexNull.NULL)
                .put("object_key", fileKey)
                .put("member_id", ConvexNull.NULL)
                .put("checkpoints", ConvexNull.NULL)
                .put("requestor", ConvexObject.of("type", ConvexValue.of("snapshotImport")))
                .build());
    }

    private static ConvexObject.Builder state(String name) {
        return ConvexObject.builder().put("state", name);
    }

    static String stateOf(ConvexObject row) {
        return row.object("state").string("state");
    }

    static List<ConvexObject> all(DocumentTransaction transaction, Predicate<ConvexObject> filter) {
        List<ConvexObject> rows = new ArrayList<>();
        transaction.scan(TABLE, "by_creation_time", IndexBounds.ALL, false, null).forEachRemaining(row -> {
            if (filter.test(row.value())) {
                rows.add(row.value());
            }
        });
        return rows;
    }

    static ConvexObject require(DocumentTransaction transaction, String id) {
        StoredDocument row = TABLE.equals(transaction.tableOf(id)) ? transaction.get(id) : null;
        if (row == null) {
            throw new ImportRefusedException("ImportNotFound", "import %s not found".formatted(id));
        }
        return row.value();
    }

    static void wait(DocumentTransaction transaction, String id, String message, SortedMap<String, Change> changes) {
        List<ConvexValue> checkpoints = new ArrayList<>();
        changes.forEach((table, change) -> checkpoints.add(ConvexObject.builder()
                .put("component_path", "")
                .put("display_table_name", table)
                .put("tablet_id", ConvexNull.NULL)
                .put("num_rows_written", ConvexValue.int64(0))
                .put("total_num_rows_to_write", ConvexValue.int64(change.added()))
                .put("existing_rows_to_delete", ConvexValue.int64(change.deleted()))
                .put("existing_rows_in_table", ConvexValue.int64(change.existing()))
                .put("is_missing_id_field", change.isMissingId())
                .build()));
        boolean isDestructive = changes.values().stream().anyMatch(change -> change.deleted() > 0);
        transaction.patch(id, Map.of("checkpoints", ConvexValue.array(checkpoints), "state", state(WAITING)
                .put("message_to_confirm", message)
                .put("require_manual_confirmation", isDestructive)
                .build()));
    }

    static void begin(DocumentTransaction transaction, String id) {
        transaction.patch(id, Map.of("state", inProgress("Importing", ConvexValue.array())));
    }

    private static ConvexObject inProgress(String message, ConvexValue checkpoints) {
        return state(IN_PROGRESS).put("progress_message", message).put("checkpoint_messages", checkpoints).build();
    }

    /** Says how many rows of a table are written. */
    static void progress(DocumentTransaction transaction, String id, String table, long rows, String message) {
        ConvexObject row = require(transaction, id);
        transaction.patch(id, Map.of("checkpoints", withRows(row, table, rows), "state",
                inProgress(message, row.object("state").array("checkpoint_messages"))));
    }

    /** Says that a table is written. */
    static void checkpoint(DocumentTransaction transaction, String id, String table, long rows, String message) {
        ConvexObject row = require(transaction, id);
        List<ConvexValue> messages = new ArrayList<>(row.object("state").array("checkpoint_messages").values());
        ConvexValue text = ConvexValue.of(message);
        if (!messages.contains(text)) {
            messages.add(text);
        }
        transaction.patch(id, Map.of("checkpoints", withRows(row, table, rows), "state",
                inProgress(message, ConvexValue.array(messages))));
    }

    private static ConvexValue withRows(ConvexObject row, String table, long rows) {
        List<ConvexValue> checkpoints = new ArrayList<>();
        for (ConvexValue element : row.array("checkpoints")) {
            ConvexObject checkpoint = (ConvexObject) element;
            checkpoints.add(checkpoint.string("display_table_name").equals(table)
                    ? checkpoint.with("num_rows_written", ConvexValue.int64(rows))
                    : checkpoint);
        }
        return ConvexValue.array(checkpoints);
    }

    /** The time of the commit is not known before it, so the time that the transaction reads is put down. */
    static void complete(DocumentTransaction transaction, String id, long rows) {
        transaction.patch(id, Map.of("state", state(COMPLETED)
                .put("timestamp", ConvexValue.int64(transaction.began()))
                .put("num_rows_written", ConvexValue.int64(rows))
                .build()));
    }

    static void fail(DocumentTransaction transaction, String id, String message) {
        transaction.patch(id, Map.of("state", state(FAILED).put("error_message", message).build()));
    }

    static long rowsWritten(ConvexObject row) {
        return ((ConvexInt64) row.object("state").require("num_rows_written")).value();
    }
}
