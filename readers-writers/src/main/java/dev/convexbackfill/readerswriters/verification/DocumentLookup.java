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
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.readerswriters.reader.PageLimit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.batch.core.job.JobInterruptedException;

/** Reads documents by their ids, as they are now. Thread-safe. */
public final class DocumentLookup {

    /** Convex reads each of them as a range of its own, of which a transaction may have 4096. */
    private static final int MAX_DOCUMENTS = 500;
    /** Documents may have a mebibyte each. */
    private static final int STEP = 50;
    private static final long MAX_BYTES = 4 << 20;

    private final Ledger ledger;
    private final PageLimit limit = new PageLimit(MAX_DOCUMENTS);

    /** {@code ledger} has the function that reads them. */
    public DocumentLookup(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Looks at some documents. */
    interface Part {

        /** {@code documents} are those of {@code ids} that exist, by their ids. */
        void take(List<String> ids, Map<String, ConvexObject> documents) throws JobInterruptedException;
    }

    /** Reads documents, however many, and never holds many of them. */
    void inParts(List<String> ids, Part part) throws JobInterruptedException {
        List<String> taken = new ArrayList<>();
        Map<String, ConvexObject> documents = new HashMap<>();
        long bytes = 0;
        for (int from = 0; from < ids.size(); from += STEP) {
            List<String> next = ids.subList(from, Math.min(ids.size(), from + STEP));
            Map<String, ConvexObject> read = read(next);
            bytes += read.values().stream().mapToLong(ValueLimits::sizeOf).sum();
            taken.addAll(next);
            documents.putAll(read);
            if (taken.size() >= MAX_DOCUMENTS || bytes >= MAX_BYTES || from + STEP >= ids.size()) {
                part.take(List.copyOf(taken), Map.copyOf(documents));
                taken.clear();
                documents.clear();
                bytes = 0;
            }
        }
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
