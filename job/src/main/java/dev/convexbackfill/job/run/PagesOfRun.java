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
package dev.convexbackfill.job.run;

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.readerswriters.reader.PageSource;

/** How a run of a plan reads pages. */
public final class PagesOfRun {

    /** Above this a page's memory grows without much being saved in calls. */
    private static final int MAX_DOCUMENTS = 1000;
    private static final long MAX_BYTES = 1 << 20;

    private PagesOfRun() {}

    /** Documents that a page has at most. */
    public static int maxDocuments(Plan plan) {
        return Math.max(plan.chunk().documents(), MAX_DOCUMENTS);
    }

    /** Bytes after which a page ends. */
    public static long maxBytes(Plan plan) {
        return Math.min(plan.chunk().bytes().bytes(), MAX_BYTES);
    }

    /** Reads them with {@code client}, which stays open. */
    public static PageSource of(Plan plan, ConvexClient client) {
        return of(plan, client, maxDocuments(plan));
    }

    /** The same, of at most so many documents. */
    static PageSource of(Plan plan, ConvexClient client, int documents) {
        return new PageSource(client, plan.functions(), plan.table(), documents, maxBytes(plan));
    }
}
