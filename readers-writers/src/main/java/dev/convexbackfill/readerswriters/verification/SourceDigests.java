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
import java.util.Objects;
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

    /** Of changes that are unpacked and compared at once. */
    private static final long DOCUMENTS_AT_ONCE = 1000;
    private static final long COMPRESSED_BYTES_AT_ONCE = 256 << 10;

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
    public Stretch next(@Nullable String after, @Nullable String through, long wanted) {
        return parts.next(after, through, wanted);
    }

    /**
     * What the journal says of a part of the table. It has no documents, because many parts wait for the deployment at once.
     *
     * @param sum      what the deployment must say; null if it must be asked for each document
     * @param findings if it says that
     */
    private record Known(@Nullable String after, Part part, @Nullable Sum sum, Findings findings) {}

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
                findings.add(part.findings());
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
        List<Known> known = new ArrayList<>();
        stretch.pieces(DOCUMENTS_AT_ONCE, COMPRESSED_BYTES_AT_ONCE).forEach(piece -> known.addAll(ofPiece(piece)));
        return known;
    }

    private List<Known> ofPiece(Stretch piece) {
        List<JournaledChange> changes = changed.within(piece.after(), piece.through());
        List<Expected> right = right(changes);
        List<Known> known = new ArrayList<>();
        String after = piece.after();
        int next = 0;
        int nextExpected = 0;
        for (Part part : piece.parts()) {
            int first = next;
            int firstExpected = nextExpected;
            while (next < changes.size() && part.reaches(changes.get(next).id())) {
                next++;
            }
            while (nextExpected < right.size() && part.reaches(right.get(nextExpected).id())) {
                nextExpected++;
            }
            known.add(known(after, part, next - first, right.subList(firstExpected, nextExpected)));
            after = part.end();
        }
        return known;
    }

    /** Those of which all can be told without reading them, in their order. */
    private List<Expected> right(List<JournaledChange> changes) {
        List<Expected> told = expected.of(changes);
        return copies == null ? told : copies.right(told);
    }

    private Known known(@Nullable String after, Part part, int changes, List<Expected> right) {
        Findings findings = new Findings();
        confirmUntouched(part.unchanged(), findings);
        Sum sum = new Sum(part.unchanged(), Objects.requireNonNullElse(part.digest(), DocumentDigest.NONE));
        for (Expected one : right) {
            confirm(one, findings);
            sum = one.digest() == null ? sum : sum.plus(1, one.digest());
        }
        boolean isKnown = part.digest() != null && right.size() == changes;
        return new Known(after, part, isKnown ? sum : null, findings);
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
        List<JournaledChange> changes = changed.within(part.after(), part.part().end());
        Map<String, JournaledChange> byId = new HashMap<>();
        changes.forEach(change -> byId.put(change.id(), change));
        Map<String, Expected> expectedById = new HashMap<>();
        right(changes).forEach(one -> expectedById.put(one.id(), one));
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
        changes.stream().filter(change -> !each.containsKey(change.id())).forEach(change -> {
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
