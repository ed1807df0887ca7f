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
package dev.convexbackfill.job.snapshot;

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.job.progress.Tally;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** Compares the documents of a table at two times, which come in the order of ids. Holds two documents and some examples. */
public final class TableDiff {

    private static final int MAX_FIELDS = 20;

    private final int limit;
    private final Tally tally;

    /** Shows at most {@code limit} documents of each kind. */
    TableDiff(int limit, Tally tally) {
        this.limit = limit;
        this.tally = tally;
    }

    /**
     * How the second differs from the first.
     *
     * @param missing   documents that only the first has
     * @param extra     documents that only the second has
     * @param different documents that both have, with other fields or values
     * @param examples  the first of each
     */
    public record Result(long same, long missing, long extra, long different, List<Example> examples) {

        public Result {
            examples = List.copyOf(examples);
        }

        /** How many documents are not the same. */
        public long total() {
            return missing + extra + different;
        }

        public boolean isEmpty() {
            return total() == 0;
        }

        /** The ids of the examples that the second has and the first has not, or not so. */
        public List<String> newerIds() {
            return examples.stream().filter(example -> example.kind() != Kind.MISSING).map(Example::id).toList();
        }
    }

    /** How a document differs. */
    public enum Kind {
        MISSING, EXTRA, DIFFERENT
    }

    /**
     * A document that is not the same.
     *
     * @param fields the names of top-level fields that differ, of some at most; empty unless it is DIFFERENT
     */
    public record Example(Kind kind, String id, List<String> fields) {

        public Example {
            fields = List.copyOf(fields);
        }

        /** In a line. */
        public String text() {
            return switch (kind) {
                case MISSING -> "missing    " + id;
                case EXTRA -> "extra      " + id;
                case DIFFERENT -> "different  %s: %s".formatted(id, String.join(", ", fields));
            };
        }
    }

    /** Reads both to their ends. */
    Result compare(Documents first, Documents second) {
        Counting counting = new Counting();
        ConvexObject left = first.next();
        ConvexObject right = second.next();
        while (left != null || right != null) {
            int order = left == null ? 1
                    : right == null ? -1 : IdOrder.compare(left.string(FieldName.ID), right.string(FieldName.ID));
            if (order < 0) {
                counting.add(Kind.MISSING, requireNonNull(left), List.of());
                left = first.next();
            } else if (order > 0) {
                counting.add(Kind.EXTRA, requireNonNull(right), List.of());
                tally.add();
                right = second.next();
            } else {
                compare(counting, requireNonNull(left), requireNonNull(right));
                tally.add();
                left = first.next();
                right = second.next();
            }
        }
        return counting.result();
    }

    private void compare(Counting counting, ConvexObject left, ConvexObject right) {
        if (left.equals(right)) {
            counting.same++;
            return;
        }
        counting.add(Kind.DIFFERENT, left, counting.isFull(Kind.DIFFERENT) ? List.of() : fields(left, right));
    }

    private static List<String> fields(ConvexObject left, ConvexObject right) {
        TreeSet<String> names = new TreeSet<>(left.names());
        names.addAll(right.names());
        return names.stream().filter(name -> !Objects.equals(left.get(name), right.get(name))).limit(MAX_FIELDS)
                .toList();
    }

    private final class Counting {

        private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
        private final List<Example> examples = new ArrayList<>();
        private long same;

        boolean isFull(Kind kind) {
            return count(kind) >= limit;
        }

        void add(Kind kind, ConvexObject document, List<String> fields) {
            if (!isFull(kind)) {
                examples.add(new Example(kind, document.string(FieldName.ID), fields));
            }
            counts.merge(kind, 1L, Long::sum);
        }

        Result result() {
            return new Result(same, count(Kind.MISSING), count(Kind.EXTRA), count(Kind.DIFFERENT), examples);
        }

        private long count(Kind kind) {
            return counts.getOrDefault(kind, 0L);
        }
    }
}
