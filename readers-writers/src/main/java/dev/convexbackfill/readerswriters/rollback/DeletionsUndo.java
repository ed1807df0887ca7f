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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.DocumentTransform;
import java.util.List;

/**
 * Inserts documents again that a run has deleted, as {@link DeletedDocuments} gives them. They get new ids: Convex gives none
 * twice.
 *
 * @param table that they were in
 */
public record DeletionsUndo(String table) implements DocumentTransform {

    @Override
    public List<DocumentOutcome> transform(List<ConvexObject> documents) {
        return documents.stream().map(this::outcome).toList();
    }

    private DocumentOutcome outcome(ConvexObject document) {
        String id = document.string(FieldName.ID);
        // one that exists has one: somebody has put it back, as an import of a snapshot does
        return document.has(FieldName.CREATION_TIME) ? new DocumentOutcome.Unchanged(id)
                : new DocumentOutcome.Restore(id, table, document.without(FieldName.ID),
                        ValueLimits.sizeOf(document));
    }

    @Override
    public void close() {
        // nothing is open
    }
}
