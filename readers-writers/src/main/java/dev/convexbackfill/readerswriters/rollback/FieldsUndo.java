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
package dev.convexbackfill.readerswriters.rollback;

import static java.util.stream.Collectors.joining;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.DocumentTransform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Puts fields back that a run has written: each that still holds what the run left in it. What the app has written since
 * stays, and is named, unless it is to be overwritten.
 */
public final class FieldsUndo implements DocumentTransform {

    private final ChangesAhead changed;
    private final boolean isForced;

    /** {@code isForced} has fields put back whatever they hold now. */
    public FieldsUndo(ChangesAhead changed, boolean isForced) {
        this.changed = changed;
        this.isForced = isForced;
    }

    @Override
    public List<DocumentOutcome> transform(List<ConvexObject> documents) {
        Map<String, JournaledChange> changes = changed.of(documents);
        return documents.stream()
                .map(document -> outcome(document, changes.get(document.string(FieldName.ID)))).toList();
    }

    private DocumentOutcome outcome(ConvexObject document, @Nullable JournaledChange change) {
        String id = document.string(FieldName.ID);
        if (change == null) {
            return new DocumentOutcome.Unchanged(id);
        }
        ConvexObject.Builder expect = ConvexObject.builder();
        List<String> absent = new ArrayList<>();
        ConvexObject.Builder set = ConvexObject.builder();
        List<String> unset = new ArrayList<>();
        List<String> kept = new ArrayList<>();
        boolean undoes = false;
        for (String field : change.fields()) {
            ConvexValue now = document.get(field);
            ConvexValue before = change.before().get(field);
            if (Objects.equals(now, before)) {
                continue;
            }
            if (!isForced && !Objects.equals(now, change.after(field))) {
                kept.add(field);
                continue;
            }
            undoes = true;
            if (now == null) {
                absent.add(field);
            } else {
                expect.put(field, now);
            }
            if (before == null) {
                unset.add(field);
            } else {
                set.put(field, before);
            }
        }
        DocumentOutcome.Patch patch = new DocumentOutcome.Patch(id, expect.build(), absent, false, set.build(), unset,
                ValueLimits.sizeOf(document));
        if (kept.isEmpty()) {
            return undoes ? patch : new DocumentOutcome.Unchanged(id);
        }
        String message = "The app has written %s since the run did; %s not touched".formatted(
                kept.stream().map(field -> "'" + field + "'").collect(joining(", ")),
                kept.size() == 1 ? "it was" : "they were");
        return undoes ? new DocumentOutcome.PartlyKept(patch, message, InputDigest.of(document))
                : new DocumentOutcome.Kept(id, message, InputDigest.of(document));
    }

    @Override
    public void close() {
        // nothing is open
    }
}
