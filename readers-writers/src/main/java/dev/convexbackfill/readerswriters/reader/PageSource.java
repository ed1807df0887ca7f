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

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Reads pages of a table in the order of ids. Thread-safe. */
public final class PageSource implements DocumentPages {

    private final ConvexClient client;
    private final FunctionPath page;
    private final String table;
    private final long maxBytes;
    private final PageLimit limit;
    private final LongAdder pagesRead = new LongAdder();

    /** {@code functions} is the module that {@code backfill.ts} is installed as. */
    public PageSource(ConvexClient client, String functions, String table, int maxDocuments, long maxBytes) {
        this.client = client;
        this.page = FunctionPath.of(functions, "page");
        this.table = table;
        this.maxBytes = maxBytes;
        this.limit = new PageLimit(maxDocuments);
    }

    /**
     * Documents in the order of their ids.
     *
     * @param gone   ids between theirs, in the same order, that were to be read and of which there are no documents any more
     * @param isLast true if nothing follows in the range
     */
    public record Page(List<ConvexObject> documents, List<String> gone, boolean isLast) {

        public Page {
            documents = List.copyOf(documents);
            gone = List.copyOf(gone);
        }

        /** The last id that it accounts for; null if it is empty. */
        public @Nullable String end() {
            String read = documents.isEmpty() ? null : documents.getLast().string(FieldName.ID);
            String missed = gone.isEmpty() ? null : gone.getLast();
            return read == null || (missed != null && missed.compareTo(read) > 0) ? missed : read;
        }
    }

    @Override
    public Page read(@Nullable String after, @Nullable String through, CallOptions options) {
        return limit.fit(wanted -> call(after, through, wanted, options));
    }

    /** How many pages were read. */
    public long pagesRead() {
        return pagesRead.sum();
    }

    private Page call(@Nullable String after, @Nullable String through, int wanted, CallOptions options) {
        ConvexObject answer = (ConvexObject) client.query(page, ConvexObject.builder()
                .putNullable("after", after)
                .put("bytes", (double) maxBytes)
                .put("documents", wanted)
                .put("table", table)
                .putNullable("through", through)
                .build(), options).value();
        List<ConvexObject> read = new ArrayList<>();
        for (ConvexValue document : answer.array("documents")) {
            read.add((ConvexObject) document);
        }
        pagesRead.increment();
        return new Page(read, List.of(), answer.bool("isDone"));
    }
}
