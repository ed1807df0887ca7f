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
import dev.convexbackfill.readerswriters.journal.ChangedDocuments;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import dev.convexbackfill.readerswriters.journal.JournaledChange.Written;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Documents that a run has deleted and a rollback was to insert again. Their ids are those that they had; what a rollback has
 * inserted has others.
 *
 * @param run      which has deleted them
 * @param rollback whose quarantine has those that could not be put back
 * @param lookup   reads what was inserted
 */
public record UndoneDeletions(String run, String rollback, ChangedDocuments done, IdMappingStore mappings,
        QuarantineStore quarantine, TransactionOperations transactions, DocumentLookup lookup) implements Undone {

    @Override
    public List<String> next(@Nullable String after, @Nullable String through, int limit) {
        return done.next(after, through, limit).stream().map(JournaledChange::id).toList();
    }

    private record Known(Map<String, String> restored, Set<String> left) {}

    @Override
    public List<Mismatch> check(Collection<String> ids, Map<String, ConvexObject> now) {
        Map<String, JournaledChange> deleted = done.of(ids);
        Known known = transactions.execute(
                _ -> new Known(mappings.restored(run, ids), quarantine.contained(rollback, ids)));
        Map<String, ConvexObject> inserted = lookup.read(known.restored().values());
        List<Mismatch> wrong = new ArrayList<>();
        for (String id : ids) {
            JournaledChange change = deleted.get(id);
            if (change == null || !(change.write() instanceof Written.Deletion) || now.containsKey(id)) {
                continue;
            }
            String newId = known.restored().get(id);
            if (newId != null) {
                wrong.addAll(compare(change, newId, inserted.get(newId)));
            } else if (!known.left().contains(id)) {
                wrong.add(Mismatch.of(id, MismatchKind.NOT_UNDONE,
                        "The run has deleted it, and no rollback has inserted it again"));
            }
        }
        return wrong;
    }

    private static List<Mismatch> compare(JournaledChange change, String newId, @Nullable ConvexObject inserted) {
        if (inserted == null) {
            return List.of(Mismatch.of(change.id(), MismatchKind.DELETED_SINCE,
                    "A rollback has inserted it again as %s, and that is gone".formatted(newId)));
        }
        Difference difference = Difference.first(change.before(),
                inserted.without(FieldName.ID).without(FieldName.CREATION_TIME));
        return difference == null ? List.of()
                : List.of(Mismatch.of(change.id(), MismatchKind.CHANGED_SINCE, difference.field(), difference.left(),
                        difference.right(),
                        "A rollback has inserted it again as %s, and somebody has written to that since"
                                .formatted(newId)));
    }
}
