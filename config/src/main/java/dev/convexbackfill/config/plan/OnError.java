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
package dev.convexbackfill.config.plan;

import dev.convexbackfill.client.value.ConvexValue;

/** What becomes of a document that a step can't transform. */
public sealed interface OnError {

    /** The document goes into quarantine, unchanged; the run goes on. */
    record Quarantine() implements OnError {}

    /** The step leaves the document as it was; the steps after it go on. */
    record Keep() implements OnError {}

    /** The run ends as failed, before the document is written. */
    record Fail() implements OnError {}

    /** The fields that the step would have set get this value; the steps after it go on. */
    record Value(ConvexValue value) implements OnError {}
}
