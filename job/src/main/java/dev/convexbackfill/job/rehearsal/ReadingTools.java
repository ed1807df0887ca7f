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
package dev.convexbackfill.job.rehearsal;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import java.util.List;
import java.util.concurrent.ExecutorService;

/**
 * What it takes to read a table and rehearse what was read.
 *
 * @param tableNumber part of the ids of its documents
 * @param options     of calls, which end with {@code stop}
 * @param stop        ends reading
 */
record ReadingTools(Plan plan, long tableNumber, ConvexClient client, Throttle throttle, CallOptions options,
        StopSignal stop, ExecutorService executor, Rehearser rehearser) {

    /** Rehearses documents, and adds them to what was found. */
    interface Rehearser {

        /** In the order of {@code documents}. */
        List<RehearsedDocument> rehearse(List<ConvexObject> documents);
    }
}
