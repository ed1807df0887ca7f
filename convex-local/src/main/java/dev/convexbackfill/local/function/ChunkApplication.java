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
package dev.convexbackfill.local.function;

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.local.store.InvalidOperationException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The twin of {@code apply} in {@code convex/backfill.ts}, which see there. */
final class ChunkApplication {

    private static final int MAX_CHANGES = 1000;
    private static final int MAX_REASON_LENGTH = 300;

    private ChunkApplication() {}

    /** Applies the chunk and returns the ledger row as it is then. */
    static ConvexValue apply(Database db, ConvexObject chunk) {
        ConvexObject entry = BackfillFunctions.findEntry(db, chunk.string("ledger"), chunk.number("fence"));
        if (chunk.number("sequence") == entry.number("sequence")
                && chunk.number("fence") == entry.number("appliedBy")) {
            if (!chunk.require("to").equals(entry.get("position"))
                    || chunk.bool("isDone") != entry.bool("isDone")) {
                throw BackfillFunctions.refusal("outOfOrder", "Chunk %s was applied up to another position than '%s'"
                        .formatted(text(chunk.number("sequence")), chunk.optionalString("to")));
            }
            return entry;
        }
        requireNext(entry, chunk);
        ConvexArray changes = chunk.array("changes");
        String table = entry.string("table");
        List<@Nullable ConvexObject> found = new ArrayList<>();
        for (ConvexValue change : changes) {
            String id = ((ConvexObject) change).string("id");
            if (db.normalizeId(table, id) == null) {
                throw BackfillFunctions.refusal("invalid", "'%s' is no id of the table '%s'".formatted(id, table));
            }
            found.add(db.get(id));
        }
        List<ConvexObject> skipped = new ArrayList<>();
        List<ConvexObject> inserted = new ArrayList<>();
        for (int i = 0; i < changes.size(); i++) {
            ConvexObject problem = applyOne(db, (ConvexObject) changes.get(i), found.get(i), inserted);
            if (problem != null) {
                skipped.add(problem);
            }
        }
        ConvexObject moved = moved(entry, chunk, skipped, inserted);
        db.replace(chunk.string("ledger"), moved);
        return moved;
    }

    private static ConvexObject moved(ConvexObject entry, ConvexObject chunk, List<ConvexObject> skipped,
            List<ConvexObject> inserted) {
        long missing = skipped.stream().filter(skip -> skip.string("reason").equals("missing")).count();
        long conflicts = skipped.stream().filter(skip -> skip.string("reason").equals("conflict")).count();
        return entry
                .with("sequence", chunk.require("sequence"))
                .with("appliedBy", chunk.require("fence"))
                .with("position", chunk.require("to"))
                .with("isDone", chunk.require("isDone"))
                .with("read", sum(entry, "read", chunk.number("read")))
                .with("changed", sum(entry, "changed", called(chunk) + chunk.array("changes").size() - skipped.size()))
                .with("unchanged", sum(entry, "unchanged", chunk.number("unchanged")))
                .with("deleted", sum(entry, "deleted", chunk.number("deleted") + (double) missing))
                .with("quarantined", sum(entry, "quarantined", chunk.number("quarantined")))
                .with("conflicts", sum(entry, "conflicts", (double) conflicts))
                .with("skipped", ConvexValue.array(skipped))
                .with("inserted", ConvexValue.array(inserted));
    }

    private static double called(ConvexObject chunk) {
        return chunk.has("called") ? chunk.number("called") : 0;
    }

    private static ConvexValue sum(ConvexObject entry, String field, double more) {
        return ConvexValue.number(entry.number(field) + more);
    }

    private static void requireNext(ConvexObject entry, ConvexObject chunk) {
        String sequence = text(chunk.number("sequence"));
        if (chunk.number("fence") != entry.number("fence")) {
            throw BackfillFunctions.refusal("unclaimed",
                    "Range %d of run '%s' must be claimed before chunks are applied"
                            .formatted(entry.wholeNumber("range"), entry.string("run")));
        }
        long unsettled = entry.array("skipped").values().stream()
                .filter(skip -> !((ConvexObject) skip).string("reason").equals("missing")).count();
        boolean settles = unsettled > 0;
        boolean follows = chunk.number("sequence") == entry.number("sequence") + 1
                && chunk.require("from").equals(entry.get("position"));
        boolean moves = !chunk.require("to").equals(chunk.get("from"))
                || chunk.bool("isDone") != entry.bool("isDone");
        if (!follows || (settles ? moves : entry.bool("isDone"))) {
            throw BackfillFunctions.refusal("outOfOrder",
                    "Chunk %s from '%s' to '%s' does not follow chunk %s, which ended at '%s' with %d documents to settle%s"
                            .formatted(sequence, chunk.optionalString("from"), chunk.optionalString("to"),
                                    text(entry.number("sequence")), entry.optionalString("position"), unsettled,
                                    entry.bool("isDone") ? " and was the last" : ""));
        }
        ConvexArray changes = chunk.array("changes");
        double[] counts = {chunk.number("read"), chunk.number("unchanged"), chunk.number("deleted"),
                chunk.number("quarantined"), called(chunk)};
        boolean whole = true;
        for (double count : counts) {
            whole &= count >= 0 && Double.isFinite(count) && count == Math.rint(count);
        }
        double accounted = counts[1] + counts[2] + counts[3] + counts[4] + changes.size();
        double expected = settles ? unsettled : counts[0];
        if (!whole || (settles && counts[0] != 0) || accounted != expected) {
            throw BackfillFunctions.refusal("invalid",
                    "Chunk %s accounts for %s of %s documents".formatted(sequence, text(accounted), text(expected)));
        }
        if (called(chunk) > 0 && changes.size() > 0) {
            throw BackfillFunctions.refusal("invalid",
                    "Chunk %s has changes of its own beside those of the app's own function".formatted(sequence));
        }
        Set<String> ids = new HashSet<>();
        changes.forEach(change -> ids.add(((ConvexObject) change).string("id")));
        if (changes.size() > MAX_CHANGES || ids.size() < changes.size()) {
            throw BackfillFunctions.refusal("invalid",
                    "Chunk %s has more than %d changes, or two of one document".formatted(sequence, MAX_CHANGES));
        }
    }

    private static @Nullable ConvexObject applyOne(Database db, ConvexObject change, @Nullable ConvexObject found,
            List<ConvexObject> inserted) {
        String id = change.string("id");
        boolean isRestored = change.object("write").string("kind").equals("restore");
        if (isRestored ? found != null : found == null) {
            return skip(id, isRestored ? "conflict" : "missing");
        }
        return isRestored || isAsExpected(change, requireNonNull(found))
                ? write(db, id, change.object("write"), inserted)
                : skip(id, "conflict");
    }

    private static boolean isAsExpected(ConvexObject change, ConvexObject found) {
        ConvexObject expect = change.object("expect");
        return expect.names().stream()
                .allMatch(name -> expect.require(name).equals(found.get(name)))
                && change.array("absent").values().stream().noneMatch(name -> found.has(((ConvexString) name).value()))
                && ((change.object("write").string("kind").equals("patch")
                        && !ConvexValue.of(true).equals(change.get("exact")))
                        || found.names().stream()
                                .allMatch(name -> FieldName.isSystem(name) || expect.has(name)));
    }

    private static @Nullable ConvexObject write(Database db, String id, ConvexObject write,
            List<ConvexObject> inserted) {
        try {
            switch (write.string("kind")) {
                case "patch" -> {
                    Map<String, @Nullable ConvexValue> fields = new LinkedHashMap<>(write.object("set").toMap());
                    write.array("unset").forEach(name -> fields.put(((ConvexString) name).value(), null));
                    db.patch(id, fields);
                }
                case "replace" -> db.replace(id, write.object("document"));
                case "delete" -> db.delete(id);
                default -> {
                    String target = db.insert(write.string("table"), write.object("document"));
                    inserted.add(ConvexObject.of("source", ConvexValue.of(id), "target", ConvexValue.of(target)));
                }
            }
            return null;
        } catch (InvalidOperationException rejected) {
            return skip(id, "rejected").with("message",
                    ConvexValue.of(shortened(String.valueOf(rejected.getMessage()))));
        }
    }

    private static ConvexObject skip(String id, String reason) {
        return ConvexObject.of("id", ConvexValue.of(id), "reason", ConvexValue.of(reason));
    }

    /** Not with half of a surrogate pair at its end, which is no text to Convex. */
    private static String shortened(String text) {
        int end = Math.min(text.length(), MAX_REASON_LENGTH);
        return text.substring(0, end > 0 && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
    }

    /** As JavaScript writes it, where it is not so large that nobody would send it. */
    private static String text(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15 ? Long.toString((long) number)
                : Double.toString(number);
    }
}
