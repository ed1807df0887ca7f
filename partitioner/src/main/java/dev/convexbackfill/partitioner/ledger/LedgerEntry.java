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
package dev.convexbackfill.partitioner.ledger;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A ledger row: what the deployment itself knows about one range.
 *
 * @param fence     the newest owner; older ones are refused
 * @param sequence  how many chunks were applied
 * @param appliedBy the fence of the owner that applied the last; 0 if none was
 * @param position  every document up to it is accounted for, but the unsettled; null for the beginning of the table
 * @param isDone    true once the position is the end of the range
 * @param skipped   what the last chunk did not write
 * @param inserted  what the last chunk inserted
 */
public record LedgerEntry(int range, long fence, long sequence, long appliedBy, @Nullable String position,
        boolean isDone, Counts counts, List<Skip> skipped, List<Inserted> inserted) {

    public LedgerEntry {
        skipped = List.copyOf(skipped);
        inserted = List.copyOf(inserted);
    }

    /**
     * A document that a chunk inserted.
     *
     * @param source the id of the document that it was made from
     * @param target its own id
     */
    public record Inserted(String source, String target) {}

    /**
     * What became of the documents of a range so far. Every document that was read is in exactly one of {@code changed},
     * {@code unchanged}, {@code deleted}, {@code quarantined}, or unsettled.
     *
     * @param changed   written by the run: changed, replaced, deleted, or copied into another table, as its plan says
     * @param deleted   gone before the run could change them
     * @param conflicts how often a document was left alone because the app had changed it
     */
    public record Counts(long read, long changed, long unchanged, long deleted, long quarantined, long conflicts) {

        public static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0);

        public Counts plus(Counts other) {
            return new Counts(read + other.read, changed + other.changed, unchanged + other.unchanged,
                    deleted + other.deleted, quarantined + other.quarantined, conflicts + other.conflicts);
        }
    }

    /** A document that a chunk left alone. */
    public sealed interface Skip {

        String id();

        /** The app has changed it since it was read. */
        record Conflict(String id) implements Skip {}

        /** It is gone. */
        record Missing(String id) implements Skip {}

        /** The deployment refused the change, with this message. */
        record Rejected(String id, String message) implements Skip {}
    }

    /** The documents that the next chunk must settle. */
    public List<Skip> unsettled() {
        return skipped.stream().filter(skip -> !(skip instanceof Skip.Missing)).toList();
    }

    /** True if every document that was read is accounted for, and none is left. */
    public boolean isComplete() {
        return isDone && isSettled();
    }

    /** True if every document that was read so far is accounted for. */
    public boolean isSettled() {
        return unsettled().isEmpty()
                && counts.read() == counts.changed() + counts.unchanged() + counts.deleted() + counts.quarantined();
    }

    static LedgerEntry of(ConvexObject row) {
        List<Skip> skipped = new ArrayList<>();
        for (ConvexValue element : row.array("skipped")) {
            skipped.add(skip((ConvexObject) element));
        }
        List<Inserted> inserted = new ArrayList<>();
        for (ConvexValue element : row.array("inserted")) {
            ConvexObject document = (ConvexObject) element;
            inserted.add(new Inserted(document.string("source"), document.string("target")));
        }
        Counts counts = new Counts(row.wholeNumber("read"), row.wholeNumber("changed"), row.wholeNumber("unchanged"),
                row.wholeNumber("deleted"), row.wholeNumber("quarantined"), row.wholeNumber("conflicts"));
        return new LedgerEntry((int) row.wholeNumber("range"), row.wholeNumber("fence"), row.wholeNumber("sequence"),
                row.wholeNumber("appliedBy"), row.optionalString("position"), row.bool("isDone"), counts, skipped,
                inserted);
    }

    private static Skip skip(ConvexObject skip) {
        String id = skip.string("id");
        return switch (skip.string("reason")) {
            case "conflict" -> new Skip.Conflict(id);
            case "missing" -> new Skip.Missing(id);
            case "rejected" -> new Skip.Rejected(id, skip.string("message"));
            case String other -> throw new InvalidValueException(
                    "The ledger has the unknown reason '%s'".formatted(other));
        };
    }
}
