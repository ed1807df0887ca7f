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
package dev.convexbackfill.readerswriters.quarantine;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.readerswriters.reader.DocumentPages;
import dev.convexbackfill.readerswriters.reader.PageLimit;
import dev.convexbackfill.readerswriters.reader.PageSource.Page;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the documents in quarantine, as they are now, for the run that tries them again. Those that are gone are left out. Thread-safe. */
public final class QuarantinedPages implements DocumentPages {

    private static final int MAX_DOCUMENTS = 100;

    private final QuarantineStore store;
    private final Replay replay;
    private final Ledger ledger;
    private final PageLimit limit = new PageLimit(MAX_DOCUMENTS);

    public QuarantinedPages(QuarantineStore store, Replay replay, Ledger ledger) {
        this.store = store;
        this.replay = replay;
        this.ledger = ledger;
    }

    @Override
    public Page read(@Nullable String after, @Nullable String through, CallOptions options) {
        Ledger calls = ledger.with(options);
        String from = after;
        while (true) {
            String begin = from;
            Part part = limit.fit(wanted -> part(begin, through, wanted, calls));
            if (part.page().isLast() || !part.page().documents().isEmpty()) {
                return part.page();
            }
            from = part.end();
        }
    }

    /** Some ids, the last of which is {@code end}, and those of their documents that are still there. */
    private record Part(Page page, @Nullable String end) {}

    private Part part(@Nullable String after, @Nullable String through, int wanted, Ledger calls) {
        List<String> ids = store.idsToReplay(replay, after, through, wanted);
        List<ConvexObject> documents = ids.isEmpty() ? List.of()
                : calls.documents(ids).stream().filter(Objects::nonNull).map(Objects::requireNonNull).toList();
        return new Part(new Page(documents, ids.size() < wanted), ids.isEmpty() ? after : ids.getLast());
    }
}
