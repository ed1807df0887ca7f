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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;

/**
 * What a rollback was to undo, document by document.
 *
 * @param facts of the rollback
 */
public record UndoneSide(Undone undone, RunFacts facts, DocumentLookup lookup, SecondLook secondLook) implements Side {

    private static final int IDS_AT_ONCE = 500;

    @Override
    public Findings look(@Nullable String after, @Nullable String through, List<ConvexObject> documents,
            StopSignal stop) throws JobInterruptedException {
        Map<String, ConvexObject> now = new HashMap<>();
        documents.forEach(document -> now.put(document.string(FieldName.ID), document));
        Findings findings = new Findings();
        String from = after;
        while (true) {
            List<String> ids = undone.next(from, through, IDS_AT_ONCE);
            List<String> due = ids.stream().filter(facts::isDue).toList();
            findings.count(new Counts(due.size(), due.size(), 0, 0, 0, 0));
            secondLook.confirm(undone.check(due, now), again -> undone.check(again, lookup.read(again)), stop,
                    findings);
            if (ids.size() < IDS_AT_ONCE) {
                return findings;
            }
            from = ids.getLast();
        }
    }
}
