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
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with documents that the run has left as they are: nothing, if its plan still does. */
final class LeftCheck {

    /**
     * By how much a document must be older than the ledger to have been there when the run began: a mutation that was under way
     * has a creation time from its begin, and Convex lets it compute for a second. In milliseconds.
     */
    static final double MARGIN = 1000;

    private final Recomputation recomputation;
    private final RunFacts facts;

    LeftCheck(Recomputation recomputation, RunFacts facts) {
        this.recomputation = recomputation;
        this.facts = facts;
    }

    /** {@code outcomes} are what the plans make of the document as it is. */
    List<Mismatch> check(CheckedDocument document, List<DocumentOutcome> outcomes) {
        ConvexObject now = document.now();
        if (now == null || outcomes.isEmpty()
                || outcomes.stream().anyMatch(DocumentOutcome.Unchanged.class::isInstance)) {
            return List.of();
        }
        double age = facts.beganAt() - now.number(FieldName.CREATION_TIME);
        boolean wasThere = age > MARGIN;
        String made = wasThere ? "It was there when the run began"
                : age > 0 ? "It was made about when the run began" : "It was made after the run began";
        String when = facts.isPlanKnown() ? made : made + ", whose plan was changed on the way";
        return switch (outcomes.getFirst()) {
            case DocumentOutcome.Delete _ -> wasThere
                    ? List.of(left(document, true, null, when + ", and the plan deletes it"))
                    : List.of();
            case DocumentOutcome.Insert _ -> wasThere
                    ? List.of(left(document, true, null, when + ", and it has no copy"))
                    : List.of();
            case DocumentOutcome.Change change -> {
                boolean again = recomputation.changesAgain(now, change);
                yield again && !wasThere ? List.of()
                        : List.of(left(document, again, Difference.first(now, Recomputation.after(now, change)),
                                when + ", and the plan would still change it"));
            }
            case DocumentOutcome.Failed(_, String message, _) -> List
                    .of(Mismatch.of(document.id(), MismatchKind.NOT_MIGRATED,
                            "%s, and the plan can't change it: %s".formatted(when, message)));
            case DocumentOutcome other -> List.of(Mismatch.of(document.id(), MismatchKind.NOT_MIGRATED,
                    "%s, and the plan would still write it: %s".formatted(when, other.getClass().getSimpleName())));
        };
    }

    /** {@code needsJournal} says that only the journal tells whether it was changed. */
    private Mismatch left(CheckedDocument document, boolean needsJournal, @Nullable Difference difference,
            String message) {
        boolean isProven = !needsJournal || facts.isJournalWhole(document.id());
        MismatchKind kind = isProven ? MismatchKind.NOT_MIGRATED : MismatchKind.NOT_PROVEN;
        String text = isProven ? message
                : message + "; the journal of its range is not complete, so it may have been changed all the same";
        return difference == null ? Mismatch.of(document.id(), kind, text)
                : Mismatch.of(document.id(), kind, difference.field(), difference.right(), difference.left(), text);
    }
}
