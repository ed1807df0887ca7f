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
package dev.convexbackfill.plugin;

import dev.convexbackfill.client.value.ConvexObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Transforms the documents of a chunk, so that whatever is looked up can be looked up for all of them at once. Must be
 * thread-safe: it is called for several ranges at the same time.
 *
 * <p>A document may come again: after a conflict with the app, after a crash, or in a rehearsal. So transforming must change
 * nothing elsewhere, or nothing that may not happen twice.
 */
public interface DocumentTransformer extends AutoCloseable {

    /**
     * What is to become of each document, in their order. Should end when the thread is interrupted: that happens after the
     * step's time-out, and when the process ends its work on the run.
     *
     * @param documents at least one, with {@code _id} and {@code _creationTime}, as the steps before have made them
     * @throws Exception if the work can't be done for a reason outside the documents, such as a service that does not answer:
     *                   none of the documents is written, and the chunk is tried again until the run gives up
     */
    List<TransformResult> transform(List<ConvexObject> documents) throws Exception;

    /**
     * The fields at the top of a document that results depend on, besides those that they write. If the app changes one of
     * them between reading and writing, the document is transformed again. Empty, the default, means every field.
     */
    default Optional<Set<String>> fieldsRead() {
        return Optional.empty();
    }

    /** Called once, when the run ends in this process. */
    @Override
    default void close() {}
}
