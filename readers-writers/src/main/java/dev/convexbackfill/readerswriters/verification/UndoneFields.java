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
import dev.convexbackfill.readerswriters.journal.ChangedDocuments;
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Fields that a run has written and a rollback was to put back. What the rollback has left to the app is in its quarantine.
 *
 * @param done   what the run has changed
 * @param undone what the rollback has changed
 */
public record UndoneFields(String rollback, ChangedDocuments done, ChangedDocuments undone, QuarantineStore quarantine,
        TransactionOperations transactions) implements Undone {

    @Override
    public List<String> next(@Nullable String after, @Nullable String through, int limit) {
        return done.next(after, through, limit).stream().map(JournaledChange::id).toList();
    }

    @Override
    public List<Mismatch> check(Collection<String> ids, Map<String, ConvexObject> now) {
        Map<String, JournaledChange> written = done.of(ids);
        Map<String, JournaledChange> putBack = undone.of(ids);
        Set<String> left = transactions.execute(_ -> quarantine.contained(rollback, ids));
        List<Mismatch> wrong = new ArrayList<>();
        for (String id : ids) {
            JournaledChange change = written.get(id);
            if (change != null) {
                wrong.addAll(check(change, putBack.get(id), now.get(id), left.contains(id)));
            }
        }
        return wrong;
    }

    private static List<Mismatch> check(JournaledChange done, @Nullable JournaledChange undone,
            @Nullable ConvexObject now, boolean isLeft) {
        List<Mismatch> wrong = new ArrayList<>();
        if (undone != null) {
            wrong.addAll(differing(done, undone));
        }
        if (now == null) {
            wrong.add(Mismatch.of(done.id(), MismatchKind.DELETED_SINCE,
                    "The run has changed it, the rollback was to undo that, and it is gone"));
            return wrong;
        }
        for (String field : done.fields()) {
            ConvexValue before = done.before().get(field);
            ConvexValue found = now.get(field);
            if (Objects.equals(found, before)) {
                continue;
            }
            boolean isPutBack = undone != null && undone.fields().contains(field);
            if (isPutBack || !Objects.equals(found, done.after(field))) {
                wrong.add(Mismatch.of(done.id(), MismatchKind.CHANGED_SINCE, field, before, found,
                        isPutBack ? "The rollback has put '%s' back, and somebody has written it since".formatted(field)
                                : "Somebody has written '%s' since the run did".formatted(field)));
            } else if (!isLeft) {
                wrong.add(Mismatch.of(done.id(), MismatchKind.NOT_UNDONE, field, before, found,
                        "It holds what the run has written"));
            }
        }
        return wrong;
    }

    private static List<Mismatch> differing(JournaledChange done, JournaledChange undone) {
        return undone.fields().stream()
                .filter(field -> !Objects.equals(undone.after(field), done.before().get(field)))
                .map(field -> Mismatch.of(done.id(), MismatchKind.RECOMPUTED_DIFFERS, field, done.before().get(field),
                        undone.after(field),
                        "The journal says that the rollback has put back something else than the run had found"))
                .toList();
    }
}
