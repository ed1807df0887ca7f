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
package dev.convexbackfill.readerswriters.reader;

import dev.convexbackfill.client.value.ConvexObject;
import java.util.List;

/**
 * Documents that follow each other in a range: about as many as one chunk takes.
 *
 * @param gone   ids before that of the next document, in their order, that were to be read and of which there are no documents any
 *               more
 * @param isLast true for the last slice of the range, which may be empty
 */
public record Slice(List<ConvexObject> documents, List<String> gone, boolean isLast) {

    public Slice {
        documents = List.copyOf(documents);
        gone = List.copyOf(gone);
    }
}
