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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;

/** What a run would do with one document. */
public sealed interface Forecast {

    /** It leaves it as it is. */
    record Unchanged() implements Forecast {}

    /** It writes it, and the deployment takes it. */
    record Changed(ConvexObject after) implements Forecast {}

    /**
     * It calls a function of the app's own for it.
     *
     * @param after as the steps would have it; what the function writes can't be foreseen
     * @param args  what for
     */
    record Called(ConvexObject after, ConvexObject args) implements Forecast {}

    /** It deletes it. */
    record Deleted() implements Forecast {}

    /** It leaves it as it is, and puts it into quarantine. */
    record Quarantined(Reason reason, String message) implements Forecast {}

    /** It fails there, and leaves it as it is: a step with {@code onError: fail} can't transform it. */
    record Fails(String message) implements Forecast {}
}
