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

import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.verification.VerificationStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far the ground is clean: in each range the mark stands where the verification has come to, or before the first document that
 * something is wrong with. Where something is wrong with the run itself, nothing is clean: that may concern any document.
 *
 * @param rows       the ranges of the verification
 * @param isRunWrong true if something is wrong with the run itself
 * @param firstWrong the first document in a range that is wrong, by the range's number
 */
record VerifiedMark(List<RangeRow> rows, boolean isRunWrong, Map<Integer, String> firstWrong) {

    VerifiedMark {
        rows = List.copyOf(rows);
        firstWrong = Map.copyOf(firstWrong);
    }

    static VerifiedMark of(RunRepository repository, String verification) {
        VerificationStore store = new VerificationStore(repository.jdbc());
        return repository.transactions().execute(_ -> new VerifiedMark(repository.stores().ranges().list(verification),
                store.isRunWrong(verification), store.firstWrong(verification)));
    }

    private boolean isClean(RangeRow row) {
        return !isRunWrong && row.isDone() && !firstWrong.containsKey(row.range().number());
    }

    /** For people, in one line. */
    String text() {
        if (isRunWrong) {
            return "Clean: nothing, because what is wrong with the run itself may concern any document";
        }
        long clean = rows.stream().filter(this::isClean).count();
        return "Clean: %d of %d ranges, and of the others what lies before the first document that is wrong or not looked at"
                .formatted(clean, rows.size());
    }

    /** How many ranges are clean, and where the mark stands in the others. */
    Map<String, Object> toMap() {
        List<Map<String, @Nullable Object>> others = new ArrayList<>();
        for (RangeRow row : rows) {
            if (!isClean(row)) {
                Map<String, @Nullable Object> other = new LinkedHashMap<>();
                other.put("range", row.range().number());
                other.put("after", row.range().after());
                other.put("lookedAt", row.position());
                other.put("firstWrong", firstWrong.get(row.range().number()));
                others.add(other);
            }
        }
        return Map.of("ranges", rows.size(), "cleanRanges", rows.size() - others.size(), "others", others);
    }
}
