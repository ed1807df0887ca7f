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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.store.Tablet;
import dev.convexbackfill.local.streaming.DataSync.Page;
import dev.convexbackfill.local.streaming.StreamingExports.SyncStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Remembers how far syncs are, for as long as this process lives. Thread-safe. */
final class ActiveSyncs {

    /** Source: what Convex's documentation says of active syncs. */
    private static final Duration ACTIVE = Duration.ofDays(3);

    private final Clock clock;
    private final Map<String, Seen> syncs = new HashMap<>();

    private record Seen(Instant at, ConvexObject status) {}

    ActiveSyncs(Clock clock) {
        this.clock = clock;
    }

    synchronized void update(Page page, SyncStatus status) {
        Instant now = clock.instant();
        syncs.values().removeIf(seen -> seen.at().isBefore(now.minus(ACTIVE)));
        syncs.put(page.cursor().syncId(), new Seen(now, describe(page, status)));
    }

    private static ConvexObject describe(Page page, SyncStatus status) {
        SyncCursor cursor = page.cursor();
        ConvexObject.Builder described = ConvexObject.builder()
                .put("totalTables", ConvexValue.int64(page.counts().size()))
                .put("numDocumentsSynced", ConvexValue.int64(cursor.documents()));
        if (status != SyncStatus.SNAPSHOTTING) {
            return described.put("type", status == SyncStatus.STALE ? "stale" : "upToDate")
                    .put("syncedTs", ConvexValue.int64(cursor.syncedTo())).build();
        }
        Map.Entry<Tablet, Long> current = page.counts().entrySet().stream()
                .filter(count -> Integer.valueOf(count.getKey().id()).equals(cursor.inProgress())).findFirst()
                .orElseThrow();
        return described.put("type", "snapshotting")
                .put("numTablesSynced", ConvexValue.int64(cursor.synced().size()))
                .put("currentComponent", "")
                .put("currentTable", current.getKey().table())
                .put("numDocumentsInCurrentTable", ConvexValue.int64(cursor.inTable()))
                .put("totalDocumentsInCurrentTable", ConvexValue.int64(current.getValue()))
                .put("totalDocuments",
                        ConvexValue.int64(page.counts().values().stream().mapToLong(Long::longValue).sum()))
                .build();
    }

    synchronized List<ConvexObject> list() {
        return syncs.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<String, Seen> sync) -> sync.getValue().at()).reversed())
                .map(sync -> ConvexObject.builder()
                        .put("syncId", sync.getKey())
                        .put("lastUpdated", ConvexValue.int64(sync.getValue().at().toEpochMilli()))
                        .put("status", sync.getValue().status())
                        .build())
                .toList();
    }
}
