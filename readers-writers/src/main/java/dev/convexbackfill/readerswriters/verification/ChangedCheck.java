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
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import dev.convexbackfill.readerswriters.journal.JournaledChange.Written;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with documents that the run has changed, replaced or deleted. */
final class ChangedCheck {

    /** Of one document. */
    private static final int MAX_FIELDS = 20;

    private final Recomputation recomputation;
    private final RunFacts facts;

    ChangedCheck(Recomputation recomputation, RunFacts facts) {
        this.recomputation = recomputation;
        this.facts = facts;
    }

    /** {@code outcomes} are what the plans make of the document as the run has read it; none if that can't be told. */
    List<Mismatch> check(CheckedDocument document, JournaledChange change, List<DocumentOutcome> outcomes) {
        List<Mismatch> wrong = new ArrayList<>();
        if (!outcomes.isEmpty() && outcomes.stream().noneMatch(outcome -> gives(outcome, change))) {
            wrong.add(differs(change, outcomes.getFirst(), document.now()));
        }
        ConvexObject now = document.now();
        switch (change.write()) {
            case Written.Fields _,Written.Whole _ -> {
                if (now == null) {
                    wrong.add(Mismatch.of(document.id(), MismatchKind.DELETED_SINCE,
                            "The run has changed it, and it is gone"));
                } else {
                    wrong.addAll(since(change, now));
                }
            }
            case Written.Deletion _ -> {
                if (now != null) {
                    wrong.add(Mismatch.of(document.id(), MismatchKind.NOT_DELETED,
                            "The run has deleted it, and it is there"));
                }
            }
            case Written.Copy _ -> {
                // the run has left it as it is
            }
        }
        return wrong;
    }

    static boolean gives(DocumentOutcome outcome, JournaledChange change) {
        return switch (change.write()) {
            case Written.Fields(ConvexObject set, Set<String> unset) -> outcome instanceof DocumentOutcome.Patch patch
                    && patch.set().equals(set) && patch.unset().size() == unset.size()
                    && unset.containsAll(patch.unset());
            case Written.Whole(ConvexObject document) -> outcome instanceof DocumentOutcome.Replace replace
                    && replace.document().equals(document);
            case Written.Deletion _ -> outcome instanceof DocumentOutcome.Delete;
            case Written.Copy(String table, ConvexObject document) -> outcome instanceof DocumentOutcome.Insert insert
                    && insert.table().equals(table) && insert.document().equals(document);
        };
    }

    private static Mismatch differs(JournaledChange change, DocumentOutcome outcome, @Nullable ConvexObject now) {
        String id = change.id();
        if (outcome instanceof DocumentOutcome.Failed(_, String message, _)) {
            return Mismatch.of(id, MismatchKind.RECOMPUTED_DIFFERS,
                    "The run has changed it, and its plan can't change what it held: " + message);
        }
        Difference first = null;
        ConvexObject before = Recomputation.before(change, now);
        if (change.write() instanceof Written.Copy(_, ConvexObject document)
                && outcome instanceof DocumentOutcome.Insert insert) {
            first = Difference.first(document, insert.document());
        } else if (before != null) {
            first = Difference.first(Recomputation.after(before, change), Recomputation.after(before, outcome));
        }
        return first == null
                ? Mismatch.of(id, MismatchKind.RECOMPUTED_DIFFERS,
                        "The run has changed it, and its plan does something else to what it held")
                : Mismatch.of(id, MismatchKind.RECOMPUTED_DIFFERS, first.field(), first.right(), first.left(),
                        "The journal says that the run has written something else than its plan gives");
    }

    /** What somebody has written since to the fields that the run has written. */
    private List<Mismatch> since(JournaledChange change, ConvexObject now) {
        Set<String> fields = new TreeSet<>(change.fields());
        if (change.write() instanceof Written.Whole(ConvexObject written)) {
            fields.addAll(written.names());
            now.names().stream().filter(name -> !name.startsWith("_")).forEach(fields::add);
        }
        List<String> different = fields.stream()
                .filter(field -> !Objects.equals(change.after(field), now.get(field))).toList();
        if (different.isEmpty()) {
            return List.of();
        }
        if (isTwice(change, now, fields)) {
            String field = different.getFirst();
            return List.of(Mismatch.of(change.id(), MismatchKind.MIGRATED_TWICE, field, change.after(field),
                    now.get(field), "It holds what the plan makes of what the run has written"));
        }
        if (isAsBefore(change, now)) {
            String field = different.getFirst();
            return List.of(Mismatch.of(change.id(), MismatchKind.NOT_MIGRATED, field, change.after(field),
                    now.get(field), "It holds what it held before the run, and the plan would change it again"));
        }
        return different.stream().limit(MAX_FIELDS).map(field -> {
            ConvexValue expected = change.after(field);
            return Mismatch.of(change.id(), MismatchKind.CHANGED_SINCE, field, expected, now.get(field),
                    "The run has written '%s', and somebody else has since".formatted(field));
        }).toList();
    }

    /** Where a plan changes a document again and again, the app may well have gone back to what was there. */
    private boolean isAsBefore(JournaledChange change, ConvexObject now) {
        if (!change.fields().stream().allMatch(field -> Objects.equals(now.get(field), change.before().get(field)))) {
            return false;
        }
        List<DocumentOutcome> outcomes = recomputation.outcomes(now);
        return outcomes.stream().allMatch(DocumentOutcome.Change.class::isInstance)
                && !recomputation.changesAgain(now, outcomes.getFirst());
    }

    private boolean isTwice(JournaledChange change, ConvexObject now, Set<String> fields) {
        ConvexObject before = facts.isPlanKnown() ? Recomputation.before(change, now) : null;
        if (before == null) {
            return false;
        }
        ConvexObject once = Recomputation.after(before, change);
        return recomputation.outcomes(once).stream().anyMatch(outcome -> {
            ConvexObject twice = Recomputation.after(once, outcome);
            return !twice.equals(once) && fields.stream()
                    .allMatch(field -> Objects.equals(twice.get(field), now.get(field)));
        });
    }
}
