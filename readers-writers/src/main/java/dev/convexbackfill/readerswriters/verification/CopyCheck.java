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
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import dev.convexbackfill.readerswriters.journal.JournaledChange.Written;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import java.util.List;

/** Lays sources and the documents that were inserted for them side by side. */
final class CopyCheck {

    private static final int MAX_FIELDS = 20;

    private final Recomputation recomputation;

    CopyCheck(Recomputation recomputation) {
        this.recomputation = recomputation;
    }

    /** Nothing for a change that is no copy. */
    List<Mismatch> check(CheckedDocument source, JournaledChange change) {
        if (!(change.write() instanceof Written.Copy(String table, ConvexObject inserted))) {
            return List.of();
        }
        if (source.copyId() == null) {
            return List.of(Mismatch.of(source.id(), MismatchKind.COPY_MISSING,
                    "The run has inserted a document for it into '%s', and nothing knows its id".formatted(table)));
        }
        if (source.copy() == null) {
            return source.now() == null
                    ? List.of(Mismatch.of(source.id(), MismatchKind.DELETED_SINCE,
                            "It is gone, and so is '%s' that the run has inserted for it".formatted(source.copyId())))
                    : List.of(Mismatch.of(source.id(), MismatchKind.COPY_MISSING,
                            "'%s', which the run has inserted for it into '%s', is gone".formatted(source.copyId(),
                                    table)));
        }
        ConvexObject copy = source.copy().without(FieldName.ID).without(FieldName.CREATION_TIME);
        if (copy.equals(inserted) || followsSource(source, copy)) {
            return List.of();
        }
        return Difference.between(inserted, copy).stream().limit(MAX_FIELDS)
                .map(difference -> Mismatch.of(source.id(), MismatchKind.CHANGED_SINCE, difference.field(),
                        difference.left(), difference.right(),
                        "'%s' in '%s', which the run has inserted for it, has been changed since".formatted(
                                source.copyId(), table))
                        .with(inserted, copy))
                .toList();
    }

    /** An app that keeps both tables has written the same to both since. */
    private boolean followsSource(CheckedDocument source, ConvexObject copy) {
        return source.now() != null && recomputation.outcomes(source.now()).stream()
                .anyMatch(outcome -> outcome instanceof DocumentOutcome.Insert insert
                        && insert.document().equals(copy));
    }
}
