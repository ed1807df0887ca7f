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
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.readerswriters.reader.PageSource.Page;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads documents whose ids the repository knows, as they are now. Thread-safe. */
public final class DocumentsById implements DocumentPages {

    /** Convex reads each of them as a range of its own, of which a transaction may have 4096. */
    private static final int MAX_DOCUMENTS = 500;

    private final IdSource source;
    private final Ledger ledger;
    private final long maxBytes;
    private final PageLimit limit;

    /** Where ids come from. Thread-safe. */
    public interface IdSource {

        /** The next ids in their order, at most {@code limit}: those after {@code after} and up to {@code through}. */
        List<String> next(@Nullable String after, @Nullable String through, int limit);
    }

    /** Pages after one of more than {@code maxBytes} are smaller. */
    public DocumentsById(IdSource source, Ledger ledger, long maxBytes) {
        this(source, ledger, maxBytes, MAX_DOCUMENTS);
    }

    /** The same, with at most so many documents in a page. */
    public DocumentsById(IdSource source, Ledger ledger, long maxBytes, int maxDocuments) {
        this.limit = new PageLimit(Math.min(maxDocuments, MAX_DOCUMENTS));
        this.source = source;
        this.ledger = ledger;
        this.maxBytes = maxBytes;
    }

    @Override
    public Page read(@Nullable String after, @Nullable String through, CallOptions options) {
        Ledger calls = ledger.with(options);
        return limit.fit(wanted -> page(after, through, wanted, calls));
    }

    private Page page(@Nullable String after, @Nullable String through, int wanted, Ledger calls) {
        List<String> ids = source.next(after, through, wanted);
        List<@Nullable ConvexObject> found = ids.isEmpty() ? List.of() : calls.documents(ids);
        List<ConvexObject> documents = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < ids.size(); i++) {
            ConvexObject document = found.get(i);
            if (document == null) {
                gone.add(ids.get(i));
            } else {
                documents.add(document);
                bytes += ValueLimits.sizeOf(document);
            }
        }
        if (bytes > maxBytes) {
            limit.lowerTo((int) (wanted * maxBytes / bytes));
        }
        return new Page(documents, gone, ids.size() < wanted);
    }
}
