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

import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Makes the run that verifies the slice of a canary: it looks at the documents up to where the ranges were left, and at no other. */
final class CanaryVerification {

    private final RunRepository repository;

    CanaryVerification(RunRepository repository) {
        this.repository = repository;
    }

    /** The verification, which is made once. */
    Run of(Run run, RunOwnership ownership) {
        ownership.save(() -> {
            if (repository.canaries().find(run.name()).orElseThrow().verification() == null) {
                String name = VerificationNames.next(repository.runs(), run.name());
                repository.runs().createVerification(name, new RunKind.Verification(run.name(), null),
                        UUID.randomUUID().toString(), run.plan(), ranges(run));
                repository.canaries().setVerification(run.name(), name);
            }
        });
        return repository.runs()
                .find(String.valueOf(repository.canaries().find(run.name()).orElseThrow().verification()))
                .orElseThrow();
    }

    private List<Range> ranges(Run run) {
        List<Range> ranges = new ArrayList<>();
        for (RangeRow row : repository.stores().ranges().list(run.name())) {
            if (row.isDone() || row.counts().read() > 0) {
                ranges.add(new Range(ranges.size(), row.range().after(),
                        row.isDone() ? row.range().through() : row.position()));
            }
        }
        if (run.write() instanceof Write.InsertInto) {
            int sources = ranges.size();
            Range.cut(tableOfCopies(run), sources)
                    .forEach(range -> ranges.add(new Range(sources + range.number(), range.after(), range.through())));
        }
        return ranges;
    }

    /** Its number. Of none, where nothing was copied, any will do. */
    private long tableOfCopies(Run run) {
        return new IdMappingStore(repository.jdbc()).next(run.name(), null, null, 1).stream()
                .mapToLong(id -> DocumentId.parse(id).tableNumber()).findFirst().orElse(1);
    }
}
