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
package dev.convexbackfill.job.cli;

import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.reference.PutBack;
import dev.convexbackfill.job.reference.ReferenceStore;
import dev.convexbackfill.job.reference.SearchState;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known, in short, of the references to documents that a rollback has put back.
 *
 * @param newIds how many documents it has put back
 * @param search null if nobody has looked for references
 * @param isHeld true while somebody does
 */
record ReferencesLine(String rollback, long newIds, @Nullable SearchState search, boolean isHeld) {

    /** Empty for a run that has put nothing back. */
    static Optional<ReferencesLine> of(RunRepository repository, Run run) {
        long newIds = PutBack.isBy(run) ? PutBack.count(run, repository) : 0;
        if (newIds == 0) {
            return Optional.empty();
        }
        ReferenceStore store = new ReferenceStore(repository.jdbc(), repository.transactions());
        return Optional.of(new ReferencesLine(run.name(), newIds, store.find(run.name()).orElse(null),
                store.isHeld(run.name(), RepositoryOptions.settings().lease())));
    }

    static void put(Map<String, @Nullable Object> result, RunRepository repository, Run run) {
        of(repository, run).ifPresent(line -> {
            result.put("newIds", line.newIds());
            result.put("references", line.toMap());
        });
    }

    /** {@code NOT_BEGUN}, {@code RUNNING}, {@code STOPPED} or {@code COMPLETED}. */
    static String state(@Nullable SearchState search, boolean isHeld) {
        if (search == null) {
            return "NOT_BEGUN";
        }
        return search.isComplete() ? "COMPLETED" : isHeld ? "RUNNING" : "STOPPED";
    }

    private Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("state", state(search, isHeld));
        map.put("found", search == null ? null : search.references());
        return map;
    }

    boolean isComplete() {
        return search != null && search.isComplete();
    }

    /** In a sentence or two, with what to type next. */
    String text() {
        String came = newIds == 1 ? "1 document has a new id. "
                : "%s documents have new ids. ".formatted(ProgressText.number(newIds));
        if (search == null) {
            return came + "References to the old ones were not looked for; do it with: ./backfill references "
                    + rollback;
        }
        String found = count(search.references());
        if (!search.isComplete()) {
            return came + "%s to the old ones found so far; %s ./backfill references %s".formatted(found,
                    isHeld ? "the search goes on. When it is complete:"
                            : "the search is not complete. Go on with:",
                    rollback);
        }
        return came + (search.references() == 0 ? "No references to the old ones were found."
                : "%s to the old ones found. See where, and how to mend them: ./backfill references %s".formatted(found,
                        rollback));
    }

    /** References in words. */
    static String count(long references) {
        return references == 1 ? "1 reference" : ProgressText.number(references) + " references";
    }
}
