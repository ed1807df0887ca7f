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
package dev.convexbackfill.readerswriters.verification;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.readerswriters.reader.PageLimit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads documents by their ids, as they are now. Thread-safe. */
public final class DocumentLookup {

    /** Convex reads each of them as a range of its own, of which a transaction may have 4096. */
    private static final int MAX_DOCUMENTS = 500;

    private final Ledger ledger;
    private final PageLimit limit = new PageLimit(MAX_DOCUMENTS);

    /** {@code ledger} has the function that reads them. */
    public DocumentLookup(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Those that exist, by their ids. */
    public Map<String, ConvexObject> read(Collection<String> ids) {
        List<String> all = List.copyOf(ids);
        Map<String, ConvexObject> found = new HashMap<>();
        int[] done = {0};
        while (done[0] < all.size()) {
            int from = done[0];
            limit.fit(wanted -> {
                List<String> part = all.subList(from, Math.min(all.size(), from + wanted));
                ledger.documents(part).forEach(document -> {
                    if (document != null) {
                        found.put(document.string(FieldName.ID), document);
                    }
                });
                done[0] = from + part.size();
                return part.size();
            });
        }
        return found;
    }
}
