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

/** Says what is to become of documents. Thread-safe. */
public interface DocumentTransform extends AutoCloseable {

    /**
     * What is to become of each of {@code documents}, which have their {@code _id}, in their order. Throws
     * {@link RefusedDocumentException} where the run is to fail, and nothing else for what a document holds.
     */
    List<DocumentOutcome> transform(List<ConvexObject> documents);

    @Override
    void close();
}
