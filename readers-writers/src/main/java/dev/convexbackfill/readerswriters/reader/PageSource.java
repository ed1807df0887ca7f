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
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages of a table. A page that is too much for one transaction is asked for again with fewer documents, down to one;
 * later pages grow again. Thread-safe.
 */
public final class PageSource {

    private final ConvexClient client;
    private final FunctionPath page;
    private final String table;
    private final int maxDocuments;
    private final long maxBytes;
    private final AtomicInteger documents;
    private final LongAdder read = new LongAdder();

    /** {@code functions} is the module that {@code backfill.ts} is installed as. */
    public PageSource(ConvexClient client, String functions, String table, int maxDocuments, long maxBytes) {
        this.client = client;
        this.page = FunctionPath.of(functions, "page");
        this.table = table;
        this.maxDocuments = maxDocuments;
        this.maxBytes = maxBytes;
        this.documents = new AtomicInteger(maxDocuments);
    }

    /**
     * Documents in the order of their ids.
     *
     * @param isLast true if nothing follows in the range
     */
    public record Page(List<ConvexObject> documents, boolean isLast) {

        public Page {
            documents = List.copyOf(documents);
        }
    }

    /** The documents after an id, up to and including another. Throws {@link ConvexException}. */
    public Page read(@Nullable String after, @Nullable String through, CallOptions options) {
        while (true) {
            int wanted = documents.get();
            try {
                Page read = call(after, through, wanted, options);
                documents.compareAndSet(wanted, Math.min(maxDocuments, wanted + Math.max(1, wanted / 5)));
                return read;
            } catch (ConvexException failure) {
                if (wanted == 1 || !mayPassWhenSmaller(failure)) {
                    throw failure;
                }
                documents.compareAndSet(wanted, Math.max(1, wanted / 2));
            }
        }
    }

    /** How many pages were read. */
    public long pagesRead() {
        return read.sum();
    }

    private static boolean mayPassWhenSmaller(ConvexException failure) {
        // deployments that keep their messages to themselves say no more than that the function failed
        return (failure.category() == FailureCategory.FUNCTION_FAILED && failure.data() == null)
                || (Ledger.translate(failure) instanceof LedgerRefusedException refused
                        && refused.refusal() == Refusal.TOO_LARGE);
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
        this.read.increment();
        return new Page(read, answer.bool("isDone"));
    }
}
