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
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.config.expression.Expression;
import dev.convexbackfill.config.expression.ExpressionFailedException;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.journal.ChangedDocuments;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.transaction.support.TransactionOperations;

/** The table that the run has gone over: each document, and each that the run has changed and that is gone. Thread-safe. */
public final class SourceSide implements Side {

    /** Changes that are looked at together. */
    private static final int CHANGES_AT_ONCE = 500;

    private final String run;
    private final Plan plan;
    private final RunFacts facts;
    private final ChangedDocuments changed;
    private final Stores stores;
    private final DocumentLookup lookup;
    private final DocumentCheck check;
    private final EnsureCheck ensures;
    private final SecondLook secondLook;
    private final Recomputation recomputation;

    /** What the repository has of the run. */
    public record Stores(QuarantineStore quarantine, IdMappingStore mappings, TransactionOperations transactions) {}

    /**
     * @param run     which is verified, with its replays
     * @param chains  what its plan does, and those of its replays
     * @param changed what they have done
     */
    public SourceSide(String run, Plan plan, List<TransformChain> chains, RunFacts facts, ChangedDocuments changed,
            Stores stores, DocumentLookup lookup, EnsureCheck ensures, SecondLook secondLook) {
        this.run = run;
        this.plan = plan;
        this.facts = facts;
        this.changed = changed;
        this.stores = stores;
        this.lookup = lookup;
        this.check = new DocumentCheck(chains, facts);
        this.ensures = ensures;
        this.secondLook = secondLook;
        this.recomputation = new Recomputation(chains);
    }

    @Override
    public Findings look(@Nullable String after, @Nullable String through, List<ConvexObject> documents,
            StopSignal stop) throws JobInterruptedException {
        Findings findings = new Findings();
        String from = after;
        int next = 0;
        while (true) {
            List<JournaledChange> changes = changed.next(from, through, CHANGES_AT_ONCE);
            boolean isLast = changes.size() < CHANGES_AT_ONCE;
            String end = isLast ? null : changes.getLast().id();
            Map<String, ConvexObject> now = new TreeMap<>();
            while (next < documents.size()
                    && (end == null || documents.get(next).string(FieldName.ID).compareTo(end) <= 0)) {
                now.put(documents.get(next).string(FieldName.ID), documents.get(next));
                next++;
            }
            Map<String, JournaledChange> byId = new HashMap<>();
            changes.forEach(change -> byId.put(change.id(), change));
            look(now, byId, stop, findings);
            if (isLast) {
                return findings;
            }
            from = end;
        }
    }

    /** What is to be expected of what the run has changed, without reading it. */
    ExpectedDocuments expected(@Nullable List<String> fields) {
        return new ExpectedDocuments(recomputation, fields, isEnsured() ? ensures : null);
    }

    /** True if the plan ensures something of the documents themselves. */
    boolean isEnsured() {
        return !(plan.write() instanceof Write.InsertInto) && !plan.ensure().isEmpty();
    }

    /** Notes what no other document may hold. */
    void noteUnique(ConvexObject document, Findings findings) {
        noteUnique(ensures.uniqueFields(), document, findings);
    }

    /** Reads some documents, of which {@code changes} may have more, and adds what is wrong with them. */
    void lookAt(List<String> ids, Map<String, JournaledChange> changes, StopSignal stop, Findings findings)
            throws JobInterruptedException {
        lookup.inParts(ids.stream().sorted().toList(), (part, found) -> {
            Map<String, JournaledChange> ofPart = new HashMap<>();
            part.forEach(id -> {
                JournaledChange change = changes.get(id);
                if (change != null) {
                    ofPart.put(id, change);
                }
            });
            look(found, ofPart, stop, findings);
        });
    }

    private void look(Map<String, ConvexObject> now, Map<String, JournaledChange> changes, StopSignal stop,
            Findings findings) throws JobInterruptedException {
        List<CheckedDocument> documents = documents(now, changes);
        documents.forEach(document -> findings.count(counts(document)));
        secondLook.confirm(wrong(documents), ids -> wrong(documents(lookup.read(ids), changed.of(ids), ids)), stop,
                findings);
        noteValues(documents, findings);
    }

    private List<Mismatch> wrong(List<CheckedDocument> documents) {
        List<Mismatch> wrong = new ArrayList<>(check.check(documents));
        wrong.addAll(ensures.check(ensured(documents)));
        return wrong;
    }

    private List<CheckedDocument> documents(Map<String, ConvexObject> now, Map<String, JournaledChange> changes) {
        Set<String> ids = new TreeSet<>(now.keySet());
        ids.addAll(changes.keySet());
        return documents(now, changes, ids);
    }

    private List<CheckedDocument> documents(Map<String, ConvexObject> now, Map<String, JournaledChange> changes,
            Collection<String> ids) {
        List<String> unchanged = ids.stream().filter(id -> !changes.containsKey(id)).toList();
        boolean inserts = plan.write() instanceof Write.InsertInto;
        Known known = stores.transactions().execute(_ -> new Known(stores.quarantine().contained(run, unchanged),
                inserts ? stores.mappings().targets(run, changes.keySet()) : Map.of()));
        Map<String, ConvexObject> copies = known.copies().isEmpty() ? Map.of() : lookup.read(known.copies().values());
        return ids.stream().map(id -> {
            String copy = known.copies().get(id);
            return new CheckedDocument(id, now.get(id), changes.get(id), copy,
                    copy == null ? null : copies.get(copy), known.quarantined().contains(id));
        }).toList();
    }

    private record Known(Set<String> quarantined, Map<String, String> copies) {}

    private Counts counts(CheckedDocument document) {
        if (document.now() == null) {
            return new Counts(0, 0, 0, 1, 0, 0);
        }
        boolean wasThere = document.now().number(FieldName.CREATION_TIME) < facts.beganAt() - LeftCheck.MARGIN;
        return new Counts(1, document.change() == null ? 0 : 1,
                document.change() == null && !document.isInQuarantine() && wasThere ? 1 : 0, 0,
                document.isInQuarantine() ? 1 : 0, 0);
    }

    /** The documents that the plan is for, unless it is their copies that it says something of. */
    private List<ConvexObject> ensured(List<CheckedDocument> documents) {
        if (plan.write() instanceof Write.InsertInto) {
            return List.of();
        }
        List<ConvexObject> ensured = new ArrayList<>();
        for (CheckedDocument document : documents) {
            if (document.now() != null && (document.change() != null
                    || (facts.isDue(document.id()) && isSelected(document.now())))) {
                ensured.add(document.now());
            }
        }
        return ensured;
    }

    private boolean isSelected(ConvexObject document) {
        Expression filter = plan.where().filter();
        try {
            return filter == null || filter.isTrueOf(document);
        } catch (ExpressionFailedException _) {
            return false;
        }
    }

    private void noteValues(List<CheckedDocument> documents, Findings findings) {
        List<FieldPath> unique = ensures.uniqueFields();
        if (!unique.isEmpty()) {
            ensured(documents).forEach(document -> noteUnique(unique, document, findings));
        }
        if (plan.write() instanceof Write.InsertInto) {
            // what an app that keeps both tables should have inserted itself
            List<ConvexObject> others = new ArrayList<>();
            documents.forEach(document -> {
                if (document.change() == null && document.now() != null) {
                    others.add(document.now());
                }
            });
            recomputation.outcomes(others).forEach(outcomes -> {
                if (outcomes.getFirst() instanceof DocumentOutcome.Insert insert) {
                    findings.add(new Findings.SharedValue(VerificationStore.SOURCE, InputDigest.of(insert.document()),
                            insert.id()));
                }
            });
        }
    }

    static void noteUnique(List<FieldPath> unique, ConvexObject document, Findings findings) {
        for (FieldPath field : unique) {
            ConvexValue value = field.get(document);
            if (value != null) {
                findings.add(new Findings.SharedValue(VerificationStore.unique(field),
                        InputDigest.of(ConvexObject.of("value", value)), document.string(FieldName.ID)));
            }
        }
    }
}
