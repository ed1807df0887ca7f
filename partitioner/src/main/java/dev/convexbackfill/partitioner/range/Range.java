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
package dev.convexbackfill.partitioner.range;

import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.IdSpace;
import dev.convexbackfill.partitioner.ledger.Ledger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A slice of a table: the documents after one id up to and including another.
 *
 * @param number  from 0, in the order of ids
 * @param after   null for the beginning of the table
 * @param through null for the end of the table
 */
public record Range(int number, @Nullable String after, @Nullable String through) {

    /** Cuts the table of that number into equal slices; together they hold every id that a document can have. */
    public static List<Range> cut(long tableNumber, int ranges) {
        List<DocumentId> bounds = new IdSpace(tableNumber).split(ranges);
        List<Range> all = new ArrayList<>(ranges);
        String after = null;
        for (int number = 0; number < ranges; number++) {
            String through = number < bounds.size() ? bounds.get(number).toString() : null;
            all.add(new Range(number, after, through));
            after = through;
        }
        return List.copyOf(all);
    }

    /** The range as the ledger takes it. */
    public Ledger.Bounds bounds() {
        return new Ledger.Bounds(after, through);
    }

    /** How much of the range lies at or before {@code position}, from 0 to 1. */
    public double fractionAt(@Nullable String position) {
        return IdSpace.fraction(parse(after), parse(through), parse(position));
    }

    private static @Nullable DocumentId parse(@Nullable String id) {
        return id == null ? null : DocumentId.parse(id);
    }
}
