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

import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.value.ConvexObject;

/**
 * A query of the app's own that says which documents a run goes over, page by page.
 *
 * @param args       what it is called with besides the place in its results
 * @param pagination how it takes that place, and gives the next
 */
public record Source(FunctionPath query, ConvexObject args, Pagination pagination) {

    /** How a query goes through its results. */
    public enum Pagination {
        /** Convex's own: it takes {@code paginationOpts}, and returns {@code page}, {@code isDone} and {@code continueCursor}. */
        PAGINATION_OPTS("paginationOpts"),
        /** It takes {@code cursor} and {@code limit}, and returns {@code items} and {@code nextCursor}, which is null at the end. */
        NEXT_CURSOR("nextCursor");

        private final String word;

        Pagination(String word) {
            this.word = word;
        }

        /** What plans call it. */
        public String word() {
            return word;
        }
    }

    /** What a run that finds its documents so does not promise, in a sentence. */
    public String caveat() {
        return "covers only the documents that %s returns while the run looks for them; what it adds to them, the steps don't see"
                .formatted(query);
    }

    /** Two sources with equal values are the same. */
    ConvexObject toValue() {
        return ConvexObject.builder().put("query", query.value()).put("args", args)
                .put("pagination", pagination.word()).build();
    }
}
