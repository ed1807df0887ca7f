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
import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.journal.ChangedDocuments;
import dev.convexbackfill.readerswriters.journal.JournalParts;
import dev.convexbackfill.readerswriters.journal.JournalParts.Part;
import dev.convexbackfill.readerswriters.journal.JournalParts.Stretch;
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import dev.convexbackfill.readerswriters.journal.JournaledChange.Written;
import dev.convexbackfill.readerswriters.verification.DigestQueries.Sum;
import dev.convexbackfill.readerswriters.verification.ExpectedDocuments.Expected;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;

/**
 * Compares the table that a run has worked through by digests. Where a part has another one than what the run has left there,
 * its documents' own digests are compared, and what differs is read and looked at as {@link SourceSide} does.
 */
public final class SourceDigests implements DigestedSide {

    private final String table;
    private final @Nullable List<String> fields;
    private final JournalParts parts;
    private final ChangedDocuments changed;
    private final ExpectedDocuments expected;
    private final @Nullable CopyContents copies;
    private final DigestQueries digests;
    private final SourceSide documents;
    private final Executor threads;

    /**
     * @param table     that the run has worked through
     * @param fields    that its plan is about; null for all
     * @param copies    of what it has inserted, if it has
     * @param documents looks at what differs
     * @param threads   for calls
     */
    public SourceDigests(String table, @Nullable List<String> fields, JournalParts parts, ChangedDocuments changed,
            @Nullable CopyContents copies, DigestQueries digests, SourceSide documents, Executor threads) {
        this.table = table;
        this.fields = fields;
        this.parts = parts;
        this.changed = changed;
        this.expected = documents.expected(fields);
        this.copies = copies;
        this.digests = digests;
        this.documents = documents;
        this.threads = threads;
    }

    @Override
    public Stretch next(@Nullable String after, @Nullable String through) {
        return parts.next(after, through);
    }

    /** A part of the table, and what the journal says of it. */
    private record Known(@Nullable String after, Part part, List<JournaledChange> changes, List<Expected> expected) {

        /** What the deployment must say; null if it must be asked for each document. */
        @Nullable
        Sum sum() {
            DocumentDigest untouched = part.digest();
            if (untouched == null || expected.size() < changes.size()) {
                return null;
            }
            Sum sum = new Sum(part.unchanged(), untouched);
            for (Expected one : expected) {
                sum = one.digest() == null ? sum : sum.plus(1, one.digest());
            }
            return sum;
        }
    }

    @Override
    public Findings look(Stretch stretch, StopSignal stop) throws JobInterruptedException {
        CompletableFuture<List<Sum>> asked = CompletableFuture.supplyAsync(
                () -> digests.sums(table, stretch.after(), stretch.through(), stretch.ends(), fields), threads);
        List<Known> known = known(stretch);
        List<Sum> sums = await(asked);
        Findings findings = new Findings();
        for (int i = 0; i < known.size(); i++) {
            Known part = known.get(i);
            boolean canBeRight = part.part().unchanged() == 0 || !documents.isEnsured();
            if (canBeRight && sums.get(i).equals(part.sum())) {
                part.expected().forEach(one -> confirm(one, findings));
                confirmUntouched(part.part().unchanged(), findings);
            } else {
                lookCloser(part, stop, findings);
            }
        }
        return findings;
    }

    static <T> T await(CompletableFuture<T> asked) {
        try {
            return asked.join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        }
    }

    private List<Known> known(Stretch stretch) {
        List<JournaledChange> changes = changed.within(stretch.after(), stretch.through());
        List<Expected> told = expected.of(changes);
        List<Expected> right = copies == null ? told : copies.right(told);
        List<Known> known = new ArrayList<>();
        String after = stretch.after();
        int next = 0;
        int nextExpected = 0;
        for (Part part : stretch.parts()) {
            int first = next;
            int firstExpected = nextExpected;
            while (next < changes.size() && part.reaches(changes.get(next).id())) {
                next++;
            }
            while (nextExpected < right.size() && part.reaches(right.get(nextExpected).id())) {
                nextExpected++;
            }
            known.add(new Known(after, part, changes.subList(first, next),
                    right.subList(firstExpected, nextExpected)));
            after = part.end();
        }
        return known;
    }

    private void confirm(Expected one, Findings findings) {
        ConvexObject after = one.after();
        if (after == null) {
            findings.count(new Counts(0, 0, 0, 1, 0, 0));
            return;
        }
        findings.count(new Counts(1, 1, 0, 0, 0, 0));
        if (!(one.change().write() instanceof Written.Copy)) {
            documents.noteUnique(after, findings);
        }
    }

    private static void confirmUntouched(long documents, Findings findings) {
        findings.count(new Counts(documents, 0, documents, 0, 0, 0));
    }

    private void lookCloser(Known part, StopSignal stop, Findings findings) throws JobInterruptedException {
        SortedMap<String, DocumentDigest> each = digests.each(table, part.after(), part.part().end(), fields);
        Map<String, JournaledChange> byId = new HashMap<>();
        part.changes().forEach(change -> byId.put(change.id(), change));
        Map<String, Expected> expectedById = new HashMap<>();
        part.expected().forEach(one -> expectedById.put(one.id(), one));
        List<String> suspects = new ArrayList<>();
        List<String> untouched = new ArrayList<>();
        Sum sum = Sum.NONE;
        for (Map.Entry<String, DocumentDigest> document : each.entrySet()) {
            Expected one = expectedById.get(document.getKey());
            if (one != null && document.getValue().equals(one.digest())) {
                confirm(one, findings);
            } else if (byId.containsKey(document.getKey())) {
                suspects.add(document.getKey());
            } else {
                untouched.add(document.getKey());
                sum = sum.plus(1, document.getValue());
            }
        }
        part.changes().stream().filter(change -> !each.containsKey(change.id())).forEach(change -> {
            Expected one = expectedById.get(change.id());
            if (one != null && one.after() == null) {
                confirm(one, findings);
            } else {
                suspects.add(change.id());
            }
        });
        if (!documents.isEnsured() && part.part().digest() != null
                && sum.equals(new Sum(part.part().unchanged(), part.part().digest()))) {
            confirmUntouched(untouched.size(), findings);
        } else {
            suspects.addAll(untouched);
        }
        documents.lookAt(suspects, byId, stop, findings);
    }
}
