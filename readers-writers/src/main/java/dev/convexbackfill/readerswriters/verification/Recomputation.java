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
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import dev.convexbackfill.readerswriters.journal.JournaledChange.Written;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.RefusedDocumentException;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Transforms documents again. A run and its replays may have different plans, and the journal does not say which of them has
 * changed a document: what one of them gives is right.
 *
 * @param chains of the run, and then of its replays; at least one
 */
record Recomputation(List<TransformChain> chains) {

    Recomputation {
        chains = List.copyOf(chains);
    }

    /** What the plans give, for each document in the order of the chains. */
    List<List<DocumentOutcome>> outcomes(List<ConvexObject> documents) {
        List<List<DocumentOutcome>> outcomes = new ArrayList<>();
        documents.forEach(_ -> outcomes.add(new ArrayList<>()));
        for (TransformChain chain : chains) {
            List<DocumentOutcome> ofChain = transform(chain, documents);
            for (int i = 0; i < documents.size(); i++) {
                outcomes.get(i).add(ofChain.get(i));
            }
        }
        return outcomes;
    }

    List<DocumentOutcome> outcomes(ConvexObject document) {
        return outcomes(List.of(document)).getFirst();
    }

    /** A plan may want a run to fail; a verification goes on. */
    private static List<DocumentOutcome> transform(TransformChain chain, List<ConvexObject> documents) {
        if (documents.isEmpty()) {
            return List.of();
        }
        try {
            return chain.transform(documents);
        } catch (RefusedDocumentException refused) {
            if (documents.size() == 1) {
                return List.of(new DocumentOutcome.Failed(documents.getFirst().string(FieldName.ID),
                        String.valueOf(refused.getMessage()), null));
            }
            List<DocumentOutcome> each = new ArrayList<>();
            documents.forEach(document -> each.addAll(transform(chain, List.of(document))));
            return each;
        }
    }

    /**
     * The document as the run has read it, as far as its plan looks at it; null if that can't be told any more.
     *
     * @param now as it is
     */
    static @Nullable ConvexObject before(JournaledChange change, @Nullable ConvexObject now) {
        if (change.write() instanceof Written.Deletion) {
            ConvexObject before = change.before().with(FieldName.ID,
                    ConvexValue.of(change.id()));
            return change.creationTime() == null ? null : before.with(FieldName.CREATION_TIME, change.creationTime());
        }
        if (now == null) {
            return null;
        }
        ConvexObject.Builder before = ConvexObject.builder();
        Set<String> written = change.fields();
        now.forEach((name, value) -> {
            boolean stays = !change.isExact() && !written.contains(name) && !change.absent().contains(name);
            if (FieldName.isSystem(name) || stays) {
                before.put(name, value);
            }
        });
        change.before().forEach(before::put);
        return before.build();
    }

    /** The document after a change; itself if it is not patched or replaced. */
    static ConvexObject after(ConvexObject document, DocumentOutcome outcome) {
        return switch (outcome) {
            case DocumentOutcome.Patch patch -> document.patched(patch.set(), patch.unset());
            case DocumentOutcome.Replace replace -> {
                ConvexObject.Builder after = ConvexObject.builder();
                document.forEach((name, value) -> {
                    if (FieldName.isSystem(name)) {
                        after.put(name, value);
                    }
                });
                replace.document().forEach(after::put);
                yield after.build();
            }
            default -> document;
        };
    }

    /** The document right after the run has changed it, from what it was before. */
    static ConvexObject after(ConvexObject before, JournaledChange change) {
        if (change.write() instanceof Written.Fields(ConvexObject set, Set<String> unset)) {
            return before.patched(set, unset);
        }
        Set<String> fields = change.fields();
        ConvexObject.Builder after = ConvexObject.builder();
        before.forEach((name, value) -> {
            if (!fields.contains(name)) {
                after.put(name, value);
            }
        });
        fields.forEach(name -> {
            ConvexValue value = change.after(name);
            if (value != null) {
                after.put(name, value);
            }
        });
        return after.build();
    }

    /** True if a plan would change the document again and again, as one that increments does. */
    boolean changesAgain(ConvexObject document, DocumentOutcome change) {
        ConvexObject once = after(document, change);
        return !once.equals(document) && outcomes(once).stream()
                .noneMatch(DocumentOutcome.Unchanged.class::isInstance);
    }
}
