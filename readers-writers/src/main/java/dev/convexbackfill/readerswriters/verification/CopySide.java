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
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;

/** The table that the run has inserted into. Thread-safe. */
public final class CopySide implements Side {

    private final String run;
    private final String table;
    private final RunFacts facts;
    private final SourceSide.Stores stores;
    private final DocumentLookup lookup;
    private final EnsureCheck ensures;
    private final SecondLook secondLook;

    /**
     * @param run   which is verified, with its replays
     * @param table that it has inserted into
     */
    public CopySide(String run, String table, RunFacts facts, SourceSide.Stores stores, DocumentLookup lookup,
            EnsureCheck ensures, SecondLook secondLook) {
        this.run = run;
        this.table = table;
        this.facts = facts;
        this.stores = stores;
        this.lookup = lookup;
        this.ensures = ensures;
        this.secondLook = secondLook;
    }

    @Override
    public Findings look(@Nullable String after, @Nullable String through, List<ConvexObject> documents,
            StopSignal stop) throws JobInterruptedException {
        Findings findings = new Findings();
        look(documents, stop, findings);
        return findings;
    }

    /** Reads some documents of the table, and adds what is wrong with them. */
    void lookAt(List<String> ids, StopSignal stop, Findings findings) throws JobInterruptedException {
        lookup.inParts(ids, (_, found) -> look(found.values(), stop, findings));
    }

    private void look(Collection<ConvexObject> documents, StopSignal stop, Findings findings)
            throws JobInterruptedException {
        Set<String> given = given(documents);
        int before = findings.kept().size();
        secondLook.confirm(wrong(documents, given), ids -> {
            List<ConvexObject> again = List.copyOf(lookup.read(ids).values());
            return wrong(again, given(again));
        }, stop, findings);
        findings.kept().stream().skip(before).forEach(seen -> {
            String digest = seen.mismatch().foundDigest();
            if (seen.mismatch().kind() == MismatchKind.UNKNOWN_COPY && digest != null) {
                findings.add(new Findings.SharedValue(VerificationStore.COPY, digest,
                        String.valueOf(seen.mismatch().document())));
            }
        });
        for (ConvexObject document : documents) {
            boolean isGiven = given.contains(document.string(FieldName.ID));
            findings.count(new Counts(1, isGiven ? 1 : 0, 0, 0, 0, 0));
            if (isGiven) {
                SourceSide.noteUnique(ensures.uniqueFields(), document, findings);
            }
        }
    }

    private Set<String> given(Collection<ConvexObject> documents) {
        Set<String> ids = new TreeSet<>();
        documents.forEach(document -> ids.add(document.string(FieldName.ID)));
        return stores.transactions().execute(_ -> stores.mappings().given(run, ids));
    }

    private List<Mismatch> wrong(Collection<ConvexObject> documents, Set<String> given) {
        List<ConvexObject> copies = new ArrayList<>();
        List<Mismatch> wrong = new ArrayList<>();
        for (ConvexObject document : documents) {
            String id = document.string(FieldName.ID);
            if (given.contains(id)) {
                copies.add(document);
            } else if (document.number(FieldName.CREATION_TIME) >= facts.beganAt() - LeftCheck.MARGIN) {
                wrong.add(Mismatch.of(id, MismatchKind.UNKNOWN_COPY,
                        "It came into '%s' while or after the run inserted documents there, and not by it".formatted(
                                table))
                        .withFoundDigest(document.without(FieldName.ID).without(FieldName.CREATION_TIME)));
            }
        }
        wrong.addAll(ensures.check(copies));
        return wrong;
    }
}
