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
package dev.convexbackfill.job.snapshot;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.admin.StreamingExport;
import dev.convexbackfill.client.admin.StreamingExport.Deltas;
import dev.convexbackfill.client.admin.StreamingExport.Revision;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Sees what an app writes to a table that an import is about to replace. A deployment tells of documents only as long as their
 * table is there; afterwards it tells of those that the import brought. So what was seen counts once it is known that the table
 * was still there afterwards.
 */
final class WritesWatch {

    private final StreamingExport export;
    private final String table;
    private final int shown;
    private final Set<String> ids = new LinkedHashSet<>();
    private long seenUntil;
    private long writes;
    private List<Revision> uncertain = new ArrayList<>();
    private long uncertainUntil;

    /** Sees what is written after {@code timestamp}, in nanoseconds since 1970. */
    WritesWatch(ConvexClient client, CallOptions options, String table, long timestamp, int shown) {
        this.export = new StreamingExport(client, options);
        this.table = table;
        this.shown = shown;
        this.seenUntil = timestamp;
        this.uncertainUntil = timestamp;
    }

    /** Called while the import is known to have been under way a moment ago. */
    void look() {
        accept();
        Deltas deltas;
        do {
            deltas = export.documentDeltas(Set.of(table), uncertainUntil);
            uncertain.addAll(deltas.values());
            uncertainUntil = deltas.cursor();
        } while (deltas.hasMore() && uncertain.size() < 10_000);
    }

    private void accept() {
        writes += uncertain.size();
        uncertain.stream().map(Revision::id).takeWhile(_ -> ids.size() < shown).forEach(ids::add);
        uncertain = new ArrayList<>();
        seenUntil = uncertainUntil;
    }

    /** What was written until the table was replaced at {@code commit}. */
    Restore.WritesBetween until(long commit) {
        if (uncertainUntil < commit) {
            accept();
        }
        return new Restore.WritesBetween(true, writes, List.copyOf(ids), Math.max(0, commit - seenUntil));
    }
}
