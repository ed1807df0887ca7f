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
package dev.convexbackfill.readerswriters.transform;

import dev.convexbackfill.client.value.ConvexObject;
import java.util.List;

/** What one step of a plan does to the documents of a chunk. Thread-safe. */
public interface ChunkTransform extends AutoCloseable {

    /** The fields that the results depend on; those that are written need not be among them. */
    FieldsRead reads();

    /**
     * A result for each document, in their order. Throws {@link ChunkNotTransformedException} if the work could not be done for a
     * reason that lies outside the documents and may pass: nothing is written, and the run tries again. Whatever else it throws
     * fails the run, before anything of the chunk is written.
     */
    List<StepResult> apply(List<ConvexObject> documents);

    @Override
    default void close() {}
}
