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
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.util.ArrayList;
import java.util.List;

/** Says what is wrong with documents that a run has gone over. Reads nothing; thread-safe as its parts are. */
final class DocumentCheck {

    private final Recomputation recomputation;
    private final RunFacts facts;
    private final LeftCheck left;
    private final ChangedCheck changed;
    private final CopyCheck copies;

    DocumentCheck(List<TransformChain> chains, RunFacts facts) {
        this.recomputation = new Recomputation(chains);
        this.facts = facts;
        this.left = new LeftCheck(recomputation, facts);
        this.changed = new ChangedCheck(recomputation, facts);
        this.copies = new CopyCheck(recomputation);
    }

    /** In the order of the documents. */
    List<Mismatch> check(List<CheckedDocument> documents) {
        List<ConvexObject> inputs = documents.stream().filter(this::isRecomputed).map(DocumentCheck::input).toList();
        List<List<DocumentOutcome>> outcomes = recomputation.outcomes(inputs);
        List<Mismatch> wrong = new ArrayList<>();
        int next = 0;
        for (CheckedDocument document : documents) {
            List<DocumentOutcome> given = isRecomputed(document) ? outcomes.get(next++) : List.of();
            if (document.change() == null) {
                wrong.addAll(left.check(document, given));
            } else {
                wrong.addAll(changed.check(document, document.change(), given));
                wrong.addAll(copies.check(document, document.change()));
            }
        }
        return wrong;
    }

    private boolean isRecomputed(CheckedDocument document) {
        if (document.change() == null) {
            return document.now() != null && !document.isInQuarantine() && facts.isDue(document.id());
        }
        return facts.isPlanKnown() && Recomputation.before(document.change(), document.now()) != null;
    }

    private static ConvexObject input(CheckedDocument document) {
        ConvexObject input = document.change() == null ? document.now()
                : Recomputation.before(document.change(), document.now());
        if (input == null) {
            throw new IllegalStateException("Only what is recomputed has an input");
        }
        return input;
    }
}
