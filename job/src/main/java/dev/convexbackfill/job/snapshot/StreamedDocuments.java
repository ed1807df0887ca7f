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

import dev.convexbackfill.client.admin.StreamingExport;
import dev.convexbackfill.client.admin.StreamingExport.Revision;
import dev.convexbackfill.client.admin.StreamingExport.SnapshotPage;
import dev.convexbackfill.client.value.ConvexObject;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The documents of a table as of one time. */
final class StreamedDocuments implements Documents {

    private final StreamingExport export;
    private final String table;
    private SnapshotPage page;
    private Iterator<Revision> rest;
    private boolean isLast;

    /** {@code timestamp} is of a snapshot that the deployment has begun to list. */
    StreamedDocuments(StreamingExport export, String table, long timestamp) {
        this.export = export;
        this.table = table;
        // a page without a cursor: the listing of this table begins
        this.page = new SnapshotPage(List.of(), timestamp, null);
        this.rest = page.values().iterator();
    }

    @Override
    public @Nullable ConvexObject next() {
        while (true) {
            while (rest.hasNext()) {
                Revision revision = rest.next();
                if (revision.table().equals(table) && revision.document() != null) {
                    return revision.document();
                }
            }
            if (isLast) {
                return null;
            }
            page = export.listSnapshot(Set.of(table), page);
            isLast = page.cursor() == null;
            rest = page.values().iterator();
        }
    }
}
