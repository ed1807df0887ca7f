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
package dev.convexbackfill.job.run;

import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.readerswriters.journal.ChangedDocuments;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.reader.DocumentPages;
import dev.convexbackfill.readerswriters.reader.DocumentsById.IdSource;
import dev.convexbackfill.readerswriters.rollback.ChangesAhead;
import dev.convexbackfill.readerswriters.rollback.CopiesUndo;
import dev.convexbackfill.readerswriters.rollback.DeletedDocuments;
import dev.convexbackfill.readerswriters.rollback.DeletionsUndo;
import dev.convexbackfill.readerswriters.rollback.FieldsUndo;
import dev.convexbackfill.readerswriters.transform.DocumentTransform;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a rollback reads, and what it makes of that.
 *
 * @param pages     the documents that it is for
 * @param transform undoes what was done to them
 */
record RollbackParts(DocumentPages pages, DocumentTransform transform) {

    /** {@code byId} reads the documents of ids. */
    static RollbackParts of(RunKind.Rollback rollback, Run run, RunRepository repository,
            Function<IdSource, DocumentPages> byId) {
        ChangedDocuments changed = ChangedDocuments.of(rollback.of(), rollback.only(), repository.jdbc(),
                repository.transactions());
        IdMappingStore mappings = new IdMappingStore(repository.jdbc());
        return switch (run.write()) {
            case Write.Patch _,Write.Replace _ -> {
                ChangesAhead ahead = new ChangesAhead(changed);
                yield new RollbackParts(byId.apply(ahead::next), new FieldsUndo(ahead, rollback.isForced()));
            }
            case Write.Delete _ -> new RollbackParts(
                    byId.apply((after, through, limit) -> rollback.only().isEmpty()
                            ? repository.transactions()
                                    .execute(_ -> mappings.next(rollback.of(), after, through, limit))
                            : between(rollback.only(), after, through, limit)),
                    new CopiesUndo(rollback.of(), mappings, repository.transactions(), rollback.isForced()));
            case Write.InsertInto(String table) -> new RollbackParts(
                    new DeletedDocuments(changed, ids -> repository.transactions()
                            .execute(_ -> mappings.restored(rollback.of(), ids)).keySet()),
                    new DeletionsUndo(table));
            case Write.Call _ -> throw new IllegalStateException("What a function has written is not undone");
        };
    }

    private static List<String> between(List<String> ids, @Nullable String after, @Nullable String through,
            int limit) {
        return ids.stream().filter(id -> (after == null || id.compareTo(after) > 0)
                && (through == null || id.compareTo(through) <= 0)).sorted().distinct().limit(limit).toList();
    }
}
