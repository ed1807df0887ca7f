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

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.readerswriters.journal.ChangedDocuments;
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import dev.convexbackfill.readerswriters.journal.JournaledChange.Written;
import dev.convexbackfill.readerswriters.reader.DocumentPages;
import dev.convexbackfill.readerswriters.reader.PageSource.Page;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Documents that a run has deleted, as they were: with their old ids, and without their creation times. */
public final class DeletedDocuments implements DocumentPages {

    private static final int PAGE_DOCUMENTS = 500;

    private final ChangedDocuments changed;
    private final Restored restored;

    /** Knows which of some documents an earlier rollback has put back. Thread-safe. */
    public interface Restored {

        Set<String> of(Collection<String> ids);
    }

    public DeletedDocuments(ChangedDocuments changed, Restored restored) {
        this.changed = changed;
        this.restored = restored;
    }

    @Override
    public Page read(@Nullable String after, @Nullable String through, CallOptions options) {
        String from = after;
        while (true) {
            List<JournaledChange> changes = changed.next(from, through, PAGE_DOCUMENTS);
            Set<String> back = restored.of(changes.stream().map(JournaledChange::id).toList());
            List<ConvexObject> documents = changes.stream()
                    .filter(change -> change.write() instanceof Written.Deletion && !back.contains(change.id()))
                    .map(change -> change.before().with(FieldName.ID, ConvexValue.of(change.id()))).toList();
            boolean isLast = changes.size() < PAGE_DOCUMENTS;
            if (isLast || !documents.isEmpty()) {
                return new Page(documents, List.of(), isLast);
            }
            from = changes.getLast().id();
        }
    }
}
