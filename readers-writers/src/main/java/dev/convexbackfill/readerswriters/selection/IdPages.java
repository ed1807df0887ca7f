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
package dev.convexbackfill.readerswriters.selection;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.failure.ConvexException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a search finds ids, a page at a time. For one thread. */
public interface IdPages {

    /**
     * A page. Throws {@link ConvexException} where the call fails, {@link InvalidSourceException} for an answer that can't be
     * used.
     *
     * @param cursor    what the page before has said; null for the first
     * @param documents at most so many, if whoever is asked keeps to it
     */
    Found read(@Nullable String cursor, int documents, CallOptions options);

    /** How many documents a page may have at most. */
    int maxDocuments();

    /**
     * What a page holds.
     *
     * @param ids    in any order; one may come again on another page
     * @param cursor where the next page begins
     * @param isLast true if there is no next page
     */
    record Found(List<String> ids, @Nullable String cursor, boolean isLast) {

        public Found {
            ids = List.copyOf(ids);
        }
    }
}
