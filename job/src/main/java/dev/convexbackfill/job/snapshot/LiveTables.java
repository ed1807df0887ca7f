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
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory.Effect;
import dev.convexbackfill.readerswriters.reader.PageSource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tables of a deployment as it is: as of one time where it allows streaming export, else page after page. */
final class LiveTables {

    private static final int PAGE_DOCUMENTS = 1000;
    private static final long PAGE_BYTES = 1 << 20;

    private final ConvexClient client;
    private final CallOptions options;
    private final String functions;
    private final StreamingExport export;
    private final @Nullable Long timestamp;
    private final @Nullable String whyScanned;

    private LiveTables(ConvexClient client, CallOptions options, String functions, @Nullable Long timestamp,
            @Nullable String whyScanned) {
        this.client = client;
        this.options = options;
        this.functions = functions;
        this.export = new StreamingExport(client, options);
        this.timestamp = timestamp;
        this.whyScanned = whyScanned;
    }

    /**
     * As they are now.
     *
     * @param functions the module that {@code backfill.ts} is installed as, which scans need
     * @param table     one of those that are to be read
     * @param mayStream false to scan even where streaming export is allowed
     */
    static LiveTables now(ConvexClient client, CallOptions options, String functions, String table, boolean mayStream) {
        if (!mayStream) {
            return new LiveTables(client, options, functions, null, "it was not to be used");
        }
        try {
            long timestamp = new StreamingExport(client, options).listSnapshot(Set.of(table), null).snapshot();
            return new LiveTables(client, options, functions, timestamp, null);
        } catch (ConvexException refused) {
            if (refused.category().effect() != Effect.PERMANENT) {
                throw refused;
            }
            return new LiveTables(client, options, functions, null, refused.getMessage());
        }
    }

    /** As of when, in nanoseconds since 1970; null if they are read page after page. */
    @Nullable
    Long timestamp() {
        return timestamp;
    }

    /** Why streaming export is not used; null if it is. */
    @Nullable
    String whyScanned() {
        return whyScanned;
    }

    Documents open(String table) {
        if (timestamp != null) {
            return new StreamedDocuments(export, table, timestamp);
        }
        return new ScannedDocuments(new PageSource(client, functions, table, PAGE_DOCUMENTS, PAGE_BYTES), options);
    }
}
