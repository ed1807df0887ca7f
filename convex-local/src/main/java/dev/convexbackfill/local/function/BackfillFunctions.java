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

import static dev.convexbackfill.local.function.FunctionDefinition.Visibility.INTERNAL;
import static dev.convexbackfill.local.function.FunctionDefinition.mutation;
import static dev.convexbackfill.local.function.FunctionDefinition.query;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.Database.Page;
import dev.convexbackfill.local.function.Database.PageOptions;
import dev.convexbackfill.local.function.Database.PageQuery;
import dev.convexbackfill.local.limits.LimitExceededException;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.IndexBounds.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The Java twin of {@code convex/backfill.ts}: the same functions with the same answers, which see there. */
public final class BackfillFunctions {

    private static final int PROTOCOL = 2;
    private static final String RUNS = "backfillRuns";
    private static final String LEDGER = "backfillLedger";
    private static final int MAX_RUNS = 4000;
    private static final int MAX_RANGES = 1000;
    private static final double COUNT_BYTES = 4 << 20;

    private static final Validator BOUND = Validator.nullable(Validator.STRING);
    private static final Validator WRITE = Validator.union(
            Validator.object().field("kind", Validator.literal("patch")).field("set", Validator.record(Validator.ANY))
                    .field("unset", Validator.array(Validator.STRING)),
            Validator.object().field("kind", Validator.literal("replace"))
                    .field("document", Validator.record(Validator.ANY)),
            Validator.object().field("kind", Validator.literal("delete")),
            Validator.object().field("kind", Validator.literal("insert")).field("table", Validator.STRING)
                    .field("document", Validator.record(Validator.ANY)),
            Validator.object().field("kind", Validator.literal("restore")).field("table", Validator.STRING)
                    .field("document", Validator.record(Validator.ANY)));
    private static final Validator CHANGE = Validator.object().field("id", Validator.STRING)
            .field("expect", Validator.record(Validator.ANY)).field("absent", Validator.array(Validator.STRING))
            .optional("exact", Validator.BOOLEAN).field("write", WRITE);
    private static final Validator CHUNK = Validator.object().field("ledger", Validator.STRING)
            .field("fence", Validator.NUMBER).field("sequence", Validator.NUMBER).field("from", BOUND)
            .field("to", BOUND)
            .field("isDone", Validator.BOOLEAN).field("read", Validator.NUMBER).field("unchanged", Validator.NUMBER)
            .field("deleted", Validator.NUMBER).field("quarantined", Validator.NUMBER)
            .optional("called", Validator.NUMBER).field("changes", Validator.array(CHANGE));

    private BackfillFunctions() {}

    /** All of them, in the module {@code backfill}. */
    public static List<FunctionDefinition> all() {
        return List.of(
                query("backfill:info", INTERNAL, Validator.object(),
                        (_, _) -> ConvexObject.of("protocol", ConvexValue.number(PROTOCOL))),
                query("backfill:page", INTERNAL,
                        Validator.object().field("table", Validator.STRING).field("after", BOUND)
                                .field("through", BOUND).field("documents", Validator.NUMBER)
                                .field("bytes", Validator.NUMBER),
                        (db, args) -> withinLimits(() -> page(db, args))),
                query("backfill:find", INTERNAL, IndexSearch.ARGUMENTS,
                        (db, args) -> withinLimits(() -> IndexSearch.find(db, args))),
                query("backfill:documents", INTERNAL,
                        Validator.object().field("ids", Validator.array(Validator.STRING)),
                        (db, args) -> withinLimits(() -> documents(db, args))),
                query("backfill:digest", INTERNAL, DigestFunctions.DIGEST,
                        (db, args) -> withinLimits(
                                () -> DigestFunctions.digest(readPage(db, args, args.number("bytes")), args))),
                query("backfill:contents", INTERNAL, DigestFunctions.CONTENTS,
                        (db, args) -> withinLimits(() -> DigestFunctions.contents(db, args))),
                query("backfill:count", INTERNAL,
                        Validator.object().field("table", Validator.STRING).field("after", BOUND)
                                .field("through", BOUND).field("documents", Validator.NUMBER),
                        (db, args) -> withinLimits(() -> count(db, args))),
                mutation("backfill:openLedger", INTERNAL, Validator.object().field("run", Validator.STRING)
                        .field("token", Validator.STRING).field("table", Validator.STRING)
                        .field("ranges",
                                Validator.array(Validator.object().field("after", BOUND).field("through", BOUND))),
                        BackfillFunctions::openLedger),
                query("backfill:readLedger", INTERNAL, Validator.object().field("run", Validator.STRING)
                        .field("from", Validator.NUMBER).field("count", Validator.NUMBER),
                        BackfillFunctions::readLedger),
                mutation("backfill:claim", INTERNAL,
                        Validator.object().field("ledger", Validator.STRING).field("fence", Validator.NUMBER),
                        BackfillFunctions::claim),
                mutation("backfill:apply", INTERNAL, CHUNK,
                        (db, chunk) -> withinLimits(() -> ChunkApplication.apply(db, chunk))),
                mutation("backfill:purge", INTERNAL,
                        Validator.object().field("run", Validator.STRING).field("rows", Validator.NUMBER),
                        BackfillFunctions::purge));
    }

    static FunctionFailedException refusal(String code, String message) {
        return new FunctionFailedException(
                ConvexObject.of("code", ConvexValue.of(code), "message", ConvexValue.of(message)));
    }

    private static ConvexValue withinLimits(Supplier<ConvexValue> work) {
        try {
            return work.get();
        } catch (LimitExceededException limit) {
            throw refusal("tooLarge", String.valueOf(limit.getMessage()));
        }
    }

    private static Page readPage(Database db, ConvexObject args, double bytes) {
        String after = args.optionalString("after");
        String through = args.optionalString("through");
        IndexBounds bounds = new IndexBounds(List.of(), after == null ? null : new Bound(ConvexValue.of(after), false),
                through == null ? null : new Bound(ConvexValue.of(through), true));
        return db.paginate(new PageQuery(args.string("table"), "by_id", bounds, false),
                new PageOptions((int) pageMaximum(args.number("documents")), null, 0, pageMaximum(bytes)));
    }

    /** Convex takes whole numbers above zero. */
    static long pageMaximum(double number) {
        if (number < 1 || number != Math.rint(number)) {
            throw new FunctionFailedException("Uncaught Error: A page can't have a maximum of " + number);
        }
        return (long) number;
    }

    private static ConvexValue page(Database db, ConvexObject args) {
        Page page = readPage(db, args, args.number("bytes"));
        return ConvexObject.of("documents", ConvexValue.array(page.documents()), "isDone",
                ConvexValue.of(page.isDone()));
    }

    private static ConvexValue documents(Database db, ConvexObject args) {
        List<ConvexValue> found = new ArrayList<>();
        for (ConvexValue id : args.array("ids")) {
            found.add(orNull(db.get(((ConvexString) id).value())));
        }
        return ConvexValue.array(found);
    }

    private static ConvexValue orNull(@Nullable ConvexObject document) {
        return document == null ? ConvexNull.NULL : document;
    }

    private static ConvexValue count(Database db, ConvexObject args) {
        Page page = readPage(db, args, COUNT_BYTES);
        return ConvexObject.builder()
                .put("documents", page.documents().size())
                .putNullable("position", page.documents().isEmpty() ? null : page.documents().getLast().string("_id"))
                .put("isDone", page.isDone())
                .build();
    }

    private static @Nullable ConvexObject findRun(Database db, String run) {
        return db.take(RUNS, MAX_RUNS).stream().filter(head -> head.string("run").equals(run)).findFirst().orElse(null);
    }

    private static ConvexValue openLedger(Database db, ConvexObject args) {
        String run = args.string("run");
        ConvexObject head = findRun(db, run);
        if (head != null) {
            if (!head.string("token").equals(args.string("token"))) {
                throw refusal("runTaken",
                        "The deployment already has a ledger of a run named '%s' that was started elsewhere"
                                .formatted(run));
            }
            return ConvexObject.of("ledger", head.array("ledger"));
        }
        ConvexArray ranges = args.array("ranges");
        if (ranges.size() < 1 || ranges.size() > MAX_RANGES) {
            throw refusal("invalid", "A run has 1 to %d ranges and not %d".formatted(MAX_RANGES, ranges.size()));
        }
        List<ConvexValue> ledger = new ArrayList<>();
        for (int range = 0; range < ranges.size(); range++) {
            ConvexObject bounds = (ConvexObject) ranges.get(range);
            ConvexValue after = bounds.require("after");
            ledger.add(ConvexValue.of(db.insert(LEDGER, ConvexObject.builder()
                    .put("run", run)
                    .put("range", range)
                    .put("table", args.string("table"))
                    .put("after", after)
                    .put("through", bounds.require("through"))
                    .put("fence", 0)
                    .put("sequence", 0)
                    .put("appliedBy", 0)
                    .put("position", after)
                    .put("isDone", false)
                    .put("read", 0)
                    .put("changed", 0)
                    .put("unchanged", 0)
                    .put("deleted", 0)
                    .put("quarantined", 0)
                    .put("conflicts", 0)
                    .put("skipped", ConvexValue.array())
                    .put("inserted", ConvexValue.array())
                    .build())));
        }
        ConvexArray ids = ConvexValue.array(ledger);
        db.insert(RUNS, ConvexObject.builder().put("run", run).put("token", args.string("token"))
                .put("table", args.string("table")).put("ledger", ids).build());
        return ConvexObject.of("ledger", ids);
    }

    private static ConvexValue readLedger(Database db, ConvexObject args) {
        ConvexObject head = findRun(db, args.string("run"));
        if (head == null) {
            return ConvexNull.NULL;
        }
        ConvexArray ledger = head.array("ledger");
        List<ConvexValue> entries = new ArrayList<>();
        double from = args.number("from");
        for (ConvexValue id : slice(ledger.values(), from, from + args.number("count"))) {
            ConvexObject entry = db.get(((ConvexString) id).value());
            entries.add(entry == null ? ConvexNull.NULL : withoutId(entry));
        }
        return ConvexObject.builder().put("token", head.string("token")).put("ranges", ledger.size())
                .put("entries", ConvexValue.array(entries)).build();
    }

    private static ConvexObject withoutId(ConvexObject document) {
        return document.without("_id").without("_creationTime");
    }

    static ConvexObject findEntry(Database db, String ledger, double fence) {
        ConvexObject entry = db.normalizeId(LEDGER, ledger) == null ? null : db.get(ledger);
        if (entry == null) {
            throw refusal("ledgerMissing",
                    "The deployment has no ledger row '%s': the run was purged, or belongs elsewhere"
                            .formatted(ledger));
        }
        if (fence < entry.number("fence")) {
            throw refusal("fenced",
                    "Range %d of run '%s' belongs to a newer owner".formatted(entry.wholeNumber("range"),
                            entry.string("run")));
        }
        return withoutId(entry);
    }

    private static ConvexValue claim(Database db, ConvexObject args) {
        double fence = args.number("fence");
        ConvexObject entry = findEntry(db, args.string("ledger"), fence);
        if (fence > entry.number("fence")) {
            db.patch(args.string("ledger"), Map.of("fence", ConvexValue.number(fence)));
        }
        return entry.with("fence", ConvexValue.number(fence));
    }

    /** {@code array.slice(from, to)}: a negative number counts from the end. */
    private static List<ConvexValue> slice(List<ConvexValue> list, double from, double to) {
        int first = sliceIndex(from, list.size());
        return list.subList(first, Math.max(first, sliceIndex(to, list.size())));
    }

    private static int sliceIndex(double index, int size) {
        double fromStart = index <= -1 ? size + Math.ceil(index) : index;
        return (int) Math.clamp(fromStart, 0, size);
    }

    private static ConvexValue purge(Database db, ConvexObject args) {
        ConvexObject head = findRun(db, args.string("run"));
        if (head == null) {
            return ConvexObject.of("deleted", ConvexValue.number(0), "isDone", ConvexValue.of(true));
        }
        List<ConvexValue> ledger = head.array("ledger").values();
        int now = slice(ledger, 0, args.number("rows")).size();
        for (ConvexValue id : ledger.subList(0, now)) {
            if (db.get(((ConvexString) id).value()) != null) {
                db.delete(((ConvexString) id).value());
            }
        }
        boolean isDone = now == ledger.size();
        if (isDone) {
            db.delete(head.string("_id"));
        } else {
            db.patch(head.string("_id"), Map.of("ledger", ConvexValue.array(ledger.subList(now, ledger.size()))));
        }
        return ConvexObject.of("deleted", ConvexValue.number(now), "isDone", ConvexValue.of(isDone));
    }
}
