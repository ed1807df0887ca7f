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
package dev.convexbackfill.readerswriters.rollback;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.DocumentTransform;
import java.util.List;
import java.util.Map;
import org.springframework.transaction.support.TransactionOperations;

/** Deletes documents that a run has inserted, unless the app has written to them since; or then, too. */
public final class CopiesUndo implements DocumentTransform {

    private final String run;
    private final IdMappingStore mappings;
    private final TransactionOperations transactions;
    private final boolean isForced;

    /** {@code isForced} has documents deleted whatever they hold now. */
    public CopiesUndo(String run, IdMappingStore mappings, TransactionOperations transactions, boolean isForced) {
        this.run = run;
        this.mappings = mappings;
        this.transactions = transactions;
        this.isForced = isForced;
    }

    @Override
    public List<DocumentOutcome> transform(List<ConvexObject> documents) {
        Map<String, String> digests = transactions.execute(_ -> mappings.digests(run,
                documents.stream().map(document -> document.string(FieldName.ID)).toList()));
        return documents.stream().map(document -> outcome(document, digests)).toList();
    }

    private DocumentOutcome outcome(ConvexObject document, Map<String, String> digests) {
        String id = document.string(FieldName.ID);
        String inserted = digests.get(id);
        if (inserted == null) {
            return new DocumentOutcome.Unchanged(id);
        }
        ConvexObject now = document.without(FieldName.ID).without(FieldName.CREATION_TIME);
        if (!isForced && !InputDigest.of(now).equals(inserted)) {
            return new DocumentOutcome.Kept(id,
                    "The app has written to it since the run inserted it; it was not deleted",
                    InputDigest.of(document));
        }
        return new DocumentOutcome.Delete(id, now, document.get(FieldName.CREATION_TIME),
                ValueLimits.sizeOf(document));
    }

    @Override
    public void close() {
        // nothing is open
    }
}
