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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.journal.IdMappingStore.Given;
import dev.convexbackfill.readerswriters.journal.JournalParts.Part;
import dev.convexbackfill.readerswriters.journal.JournalParts.Stretch;
import dev.convexbackfill.readerswriters.verification.DigestQueries.Sum;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Compares the table that a run has inserted into by digests; documents that the run has not inserted are read, and looked at as
 * {@link CopySide} does. Whether those that it has inserted are right is seen from their sources.
 */
public final class CopyDigests implements DigestedSide {

    /** Where one of them is wrong, all of them are looked at. */
    private static final int MAX_COPIES = 2000;

    private final String run;
    private final String table;
    private final IdMappingStore mappings;
    private final TransactionOperations transactions;
    private final DigestQueries digests;
    private final CopySide documents;

    /**
     * @param run   that has inserted the copies
     * @param table that it has inserted into
     */
    public CopyDigests(String run, String table, IdMappingStore mappings, TransactionOperations transactions,
            DigestQueries digests, CopySide documents) {
        this.run = run;
        this.table = table;
        this.mappings = mappings;
        this.transactions = transactions;
        this.digests = digests;
        this.documents = documents;
    }

    @Override
    public Stretch next(@Nullable String after, @Nullable String through, long wanted) {
        int limit = Math.clamp(wanted, 1, MAX_COPIES);
        List<Given> given = transactions.execute(_ -> mappings.given(run, after, through, limit));
        boolean isLast = given.size() < limit;
        DocumentDigest sum = DocumentDigest.NONE;
        for (Given copy : given) {
            sum = sum.plus(DocumentDigest.of(copy.id(), copy.content()));
        }
        return new Stretch(after, List.of(new Part(isLast ? through : given.getLast().id(), 0, given.size(), sum, 0)),
                isLast);
    }

    @Override
    public Findings look(Stretch stretch, StopSignal stop) throws JobInterruptedException {
        Part part = stretch.parts().getFirst();
        Sum sum = digests.sums(table, stretch.after(), stretch.through(), List.of(), null).getFirst();
        Findings findings = new Findings();
        if (part.digest() != null && sum.equals(new Sum(part.unchanged(), part.digest()))) {
            findings.count(new Counts(part.unchanged(), part.unchanged(), 0, 0, 0, 0));
            return findings;
        }
        Set<String> given = new HashSet<>();
        transactions.execute(_ -> mappings.given(run, stretch.after(), stretch.through(), MAX_COPIES))
                .forEach(copy -> given.add(copy.id()));
        List<String> unknown = new ArrayList<>();
        for (String id : digests.each(table, stretch.after(), stretch.through(), List.of()).keySet()) {
            if (given.contains(id)) {
                findings.count(new Counts(1, 1, 0, 0, 0, 0));
            } else {
                unknown.add(id);
            }
        }
        documents.lookAt(unknown, stop, findings);
        return findings;
    }
}
