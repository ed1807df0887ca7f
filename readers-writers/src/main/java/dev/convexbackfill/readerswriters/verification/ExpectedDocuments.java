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
import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import dev.convexbackfill.readerswriters.journal.JournaledChange.Written;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What documents must hold that the run has changed: what its plan gives, recomputed from what the journal says that they held.
 * Thread-safe.
 *
 * @param fields  those that are compared; null for all
 * @param ensures of the documents; null if nothing is ensured
 */
record ExpectedDocuments(Recomputation recomputation, @Nullable List<String> fields,
        @Nullable EnsureCheck ensures) {

    /**
     * A document that the run has changed.
     *
     * @param after as it must be, as far as the fields go that are compared; null if it must be gone
     */
    record Expected(JournaledChange change, @Nullable ConvexObject after, @Nullable DocumentDigest digest) {

        String id() {
            return change.id();
        }
    }

    /** Those of {@code changes} of which all can be told without the documents, in their order. The others must be read. */
    List<Expected> of(List<JournaledChange> changes) {
        List<ConvexObject> inputs = new ArrayList<>();
        List<JournaledChange> recomputed = new ArrayList<>();
        for (JournaledChange change : changes) {
            ConvexObject before = change.write() instanceof Written.Deletion ? Recomputation.before(change, null)
                    : change.before().with(FieldName.ID, ConvexValue.of(change.id()));
            if (before != null && areFieldsKnown(change)) {
                inputs.add(before);
                recomputed.add(change);
            }
        }
        List<List<DocumentOutcome>> outcomes = recomputation.outcomes(inputs);
        List<Expected> expected = new ArrayList<>();
        for (int i = 0; i < recomputed.size(); i++) {
            JournaledChange change = recomputed.get(i);
            if (outcomes.get(i).stream().anyMatch(outcome -> ChangedCheck.gives(outcome, change))) {
                expected.add(expected(change, inputs.get(i)));
            }
        }
        return withoutWrong(expected);
    }

    private boolean areFieldsKnown(JournaledChange change) {
        if (change.isExact()) {
            return true;
        }
        if (fields == null || !(change.write() instanceof Written.Fields(ConvexObject set, Set<String> unset))) {
            return false;
        }
        int written = 0;
        for (String field : fields) {
            boolean isWritten = set.has(field) || unset.contains(field);
            if (!isWritten && !change.before().has(field) && !change.absent().contains(field)) {
                return false;
            }
            written += isWritten ? 1 : 0;
        }
        return written == set.size() + unset.size();
    }

    private Expected expected(JournaledChange change, ConvexObject before) {
        ConvexObject after = switch (change.write()) {
            case Written.Fields _ -> Recomputation.after(before, change);
            case Written.Whole(ConvexObject document) -> document.with(FieldName.ID, ConvexValue.of(change.id()));
            case Written.Copy _ -> before;
            case Written.Deletion _ -> null;
        };
        return new Expected(change, after, after == null ? null
                : DocumentDigest.of(change.id(), DocumentDigest.ofContent(after, fields)));
    }

    private List<Expected> withoutWrong(List<Expected> expected) {
        if (ensures == null) {
            return expected;
        }
        List<ConvexObject> documents = new ArrayList<>();
        expected.forEach(one -> {
            if (one.after() != null) {
                documents.add(one.after());
            }
        });
        Set<String> wrong = ensures.check(documents).stream().map(mismatch -> String.valueOf(mismatch.document()))
                .collect(Collectors.toSet());
        return wrong.isEmpty() ? expected : expected.stream().filter(one -> !wrong.contains(one.id())).toList();
    }
}
