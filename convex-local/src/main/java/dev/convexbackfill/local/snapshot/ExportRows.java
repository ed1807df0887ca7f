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
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.IndexBounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code _exports}, one for each export, in the fields that Convex gives them. Source:
 * {@code crates/model/src/exports} of the Convex backend.
 */
final class ExportRows {

    static final String TABLE = "_exports";
    private static final long NUMBER = 221;
    /** How long an export is kept; source: {@code DEFAULT_EXPORT_RETENTION}. */
    private static final Duration RETENTION = Duration.ofDays(14);

    static final String REQUESTED = "requested";
    static final String IN_PROGRESS = "in_progress";
    static final String COMPLETED = "completed";
    static final String FAILED = "failed";
    static final String CANCELED = "canceled";

    private ExportRows() {}

    static DocumentId request(DocumentTransaction transaction, boolean includeStorage) {
        transaction.ensureSystemTable(TABLE, NUMBER, Map.of());
        return transaction.insert(TABLE, ConvexObject.builder()
                .put("state", REQUESTED)
                .put("format", ConvexObject.of("format", ConvexValue.of("zip"), "include_storage",
                        ConvexValue.of(includeStorage)))
                .put("component", ConvexNull.NULL)
                .put("requestor", "snapshotExport")
                .put("expiration_ts", ConvexValue.int64(transaction.began() + RETENTION.toNanos()))
                .build());
    }

    static boolean isIn(ConvexObject row, String... states) {
        return List.of(states).contains(row.string("state"));
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

    /** The row that the id is of, or the completed one that began at that time; null if there is none. */
    static @Nullable ConvexObject find(DocumentTransaction transaction, String idOrTime) {
        return all(transaction, row -> row.string("_id").equals(idOrTime)
                || (isIn(row, COMPLETED) && String.valueOf(int64(row, "start_ts")).equals(idOrTime)))
                .stream().findFirst().orElse(null);
    }

    static long int64(ConvexObject row, String field) {
        return ((ConvexInt64) row.require(field)).value();
    }

    /** Replaces what says how far the export is. */
    static void moveTo(DocumentTransaction transaction, String id, String state, Map<String, ConvexValue> fields) {
        Map<String, ConvexValue> changed = new java.util.HashMap<>(fields);
        changed.put("state", ConvexValue.of(state));
        transaction.patch(id, changed);
    }
}
