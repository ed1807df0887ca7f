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
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Documents that a run has inserted and a rollback was to delete.
 *
 * @param run  which has inserted them
 * @param only ids of the only ones that the rollback was for; none for all
 */
public record UndoneCopies(String run, List<String> only, IdMappingStore mappings, TransactionOperations transactions)
        implements
            Undone {

    public UndoneCopies {
        only = only.stream().sorted().distinct().toList();
    }

    @Override
    public List<String> next(@Nullable String after, @Nullable String through, int limit) {
        if (only.isEmpty()) {
            return transactions.execute(_ -> mappings.next(run, after, through, limit));
        }
        return only.stream().filter(id -> (after == null || id.compareTo(after) > 0)
                && (through == null || id.compareTo(through) <= 0)).limit(limit).toList();
    }

    @Override
    public List<Mismatch> check(Collection<String> ids, Map<String, ConvexObject> now) {
        Map<String, String> inserted = transactions.execute(_ -> mappings.digests(run, now.keySet()));
        List<Mismatch> wrong = new ArrayList<>();
        for (String id : ids) {
            ConvexObject document = now.get(id);
            String digest = inserted.get(id);
            if (document == null || digest == null) {
                continue;
            }
            boolean isAsInserted = InputDigest
                    .of(document.without(FieldName.ID).without(FieldName.CREATION_TIME)).equals(digest);
            wrong.add(isAsInserted
                    ? Mismatch.of(id, MismatchKind.NOT_UNDONE, "The run has inserted it, and it is there")
                    : Mismatch.of(id, MismatchKind.CHANGED_SINCE,
                            "The run has inserted it, and somebody has written to it since; so it is there"));
        }
        return wrong;
    }
}
