/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */

/**
 * The functions that convex-backfill calls. Keep this file as it is in the `convex/` folder of your app; `backfill init`
 * puts it there and replaces it when a newer version needs to.
 *
 * All functions are internal: only a deploy key reaches them, never a browser. They touch the table that a run names and
 * two small tables of their own, `backfillRuns` and `backfillLedger`, which need not be in your schema. `backfill purge`
 * empties both.
 *
 * How a change is applied exactly once: a run cuts its table into ranges and has one ledger row for each. `apply` writes a
 * chunk of changes and moves the row in the same transaction, and only if
 *  - the caller is the range's newest owner (the fence),
 *  - the chunk is the next one (the sequence, and the position it starts from), and
 *  - each document still has the values that the caller read (otherwise that document is left alone and reported); one that
 *    is replaced, deleted or copied into another table, or of which the caller read everything, must have no others either.
 * A chunk that was applied before changes nothing and gets the same answer again.
 */
import {
  internalMutationGeneric,
  internalQueryGeneric,
  type AnyDataModel,
  type GenericMutationCtx,
  type GenericQueryCtx,
  type IndexRange,
} from "convex/server";
import { ConvexError, v, type GenericId, type Infer, type Value } from "convex/values";

/** Grows when a caller of the old functions could not work with the new ones. */
const PROTOCOL = 2;

const RUNS = "backfillRuns";
const LEDGER = "backfillLedger";

/** How many runs are looked through for one of a name. Purged runs do not count. */
const MAX_RUNS = 4000;
const MAX_RANGES = 1000;
const MAX_CHANGES = 1000;
const MAX_REASON_LENGTH = 300;

type Document = Record<string, Value | undefined>;
type QueryCtx = GenericQueryCtx<AnyDataModel>;
type MutationCtx = GenericMutationCtx<AnyDataModel>;

const bound = v.union(v.string(), v.null());

/** A field of an index, and a value to compare it with; without one, a field that is missing. */
const operand = { field: v.string(), value: v.optional(v.any()) };
const end = v.object({ ...operand, inclusive: v.boolean() });
type End = Infer<typeof end>;

const write = v.union(
  v.object({
    kind: v.literal("patch"),
    set: v.record(v.string(), v.any()),
    unset: v.array(v.string()),
  }),
  v.object({ kind: v.literal("replace"), document: v.record(v.string(), v.any()) }),
  v.object({ kind: v.literal("delete") }),
  v.object({
    kind: v.literal("insert"),
    table: v.string(),
    document: v.record(v.string(), v.any()),
  }),
  /** Inserts a document that is gone again; it gets a new id. */
  v.object({
    kind: v.literal("restore"),
    table: v.string(),
    document: v.record(v.string(), v.any()),
  }),
);

const change = v.object({
  id: v.string(),
  /** The values that the document must still have, by field. */
  expect: v.record(v.string(), v.any()),
  /** The fields that the document must still not have. */
  absent: v.array(v.string()),
  /** True if it must have no others than `expect` either. So it is for every write but a patch, which concern all fields. */
  exact: v.optional(v.boolean()),
  write,
});

const chunk = v.object({
  ledger: v.string(),
  fence: v.number(),
  sequence: v.number(),
  from: bound,
  to: bound,
  isDone: v.boolean(),
  /** How many documents lie between `from` and `to`; 0 for a chunk that settles. */
  read: v.number(),
  /** How many of them need no change, are gone, or were put into quarantine. */
  unchanged: v.number(),
  deleted: v.number(),
  quarantined: v.number(),
  /** How many of them a function of the app's own has taken; they count as changed, and there are no `changes` then. */
  called: v.optional(v.number()),
  /** What to do with all others. */
  changes: v.array(change),
});
type Chunk = Infer<typeof chunk>;

/** A document of the last chunk that was not written, and why. */
type Skipped =
  | { id: string; reason: "conflict" }
  | { id: string; reason: "missing" }
  | { id: string; reason: "rejected"; message: string };

/** The new id for the id of a source. */
type Inserted = { source: string; target: string };

/** A ledger row: what is known about one range of one run. */
type Entry = {
  run: string;
  range: number;
  table: string;
  /** The range holds the documents after this id, and up to the next. Null is the end of the table. */
  after: string | null;
  through: string | null;
  /** The newest owner; older ones are refused. */
  fence: number;
  /** How many chunks were applied, and by which owner the last. */
  sequence: number;
  appliedBy: number;
  /** Every document up to this id is accounted for, except those in `skipped` that conflicted or were rejected. */
  position: string | null;
  isDone: boolean;
  read: number;
  changed: number;
  unchanged: number;
  deleted: number;
  quarantined: number;
  /** How often a document was left alone because somebody had changed it. */
  conflicts: number;
  /** What the last chunk did not write. */
  skipped: Skipped[];
  /** What the last chunk inserted. */
  inserted: Inserted[];
};

/** What a caller can tell apart, as `ConvexError` data, which reaches it even where messages are redacted. */
function refuse(code: string, message: string): never {
  throw new ConvexError({ code, message });
}

/** Which version of the protocol is installed. */
export const info = internalQueryGeneric({
  args: {},
  handler: async () => ({ protocol: PROTOCOL }),
});

/** The next documents of a table after an id, in the order of ids, within a budget of documents and bytes. */
export const page = internalQueryGeneric({
  args: {
    table: v.string(),
    after: bound,
    through: bound,
    documents: v.number(),
    bytes: v.number(),
  },
  handler: async (ctx, { table, after, through, documents, bytes }) =>
    await withinLimits(async () => {
      const result = await readPage(ctx, table, after, through, documents, bytes);
      return { documents: result.page, isDone: result.isDone };
    }),
});

async function readPage(
  ctx: QueryCtx,
  table: string,
  after: string | null,
  through: string | null,
  documents: number,
  bytes: number,
): Promise<{ page: Document[]; isDone: boolean }> {
  try {
    return await ctx.db
      .query(table)
      .withIndex("by_id", (q) => {
        const from = after === null ? q : q.gt("_id", after);
        return through === null ? from : from.lte("_id", through);
      })
      // no cursor: a position is a document's id, which no change of the query can make invalid
      .paginate({ cursor: null, numItems: documents, maximumBytesRead: bytes });
  } catch (error) {
    // Convex refuses every index of a table that does not exist, where it says of the table itself that it is empty
    if (error instanceof Error && error.message.includes(`Index ${table}.by_id not found`)) {
      return { page: [], isDone: true };
    }
    throw error;
  }
}

/**
 * The ids of the documents in a part of an index: those that hold some values in its first fields and lie between the ends
 * of the next. They come in the order of the index, a page at a time: `cursor` is null or what the page before returned.
 */
export const find = internalQueryGeneric({
  args: {
    table: v.string(),
    index: v.string(),
    equals: v.array(v.object(operand)),
    lower: v.optional(end),
    upper: v.optional(end),
    cursor: bound,
    documents: v.number(),
    bytes: v.number(),
  },
  handler: async (ctx, { table, index, equals, lower, upper, cursor, documents, bytes }) =>
    await withinLimits(async () => {
      const result = await ctx.db
        .query(table)
        .withIndex(index, (q) => {
          const prefix = equals.reduce((range, { field, value }) => range.eq(field, value), q as unknown as AnyRange);
          return withUpper(withLower(prefix, lower), upper) as unknown as IndexRange;
        })
        .paginate({ cursor, numItems: documents, maximumBytesRead: bytes });
      return { ids: result.page.map(({ _id }) => _id as string), cursor: result.continueCursor, isDone: result.isDone };
    }),
});

/** A part of an index in the making; its types know nothing of an app's fields. */
type AnyRange = { [comparison in "eq" | "gt" | "gte" | "lt" | "lte"]: (field: string, value: unknown) => AnyRange };

function withLower(range: AnyRange, end: End | undefined): AnyRange {
  return end === undefined ? range : range[end.inclusive ? "gte" : "gt"](end.field, end.value);
}

function withUpper(range: AnyRange, end: End | undefined): AnyRange {
  return end === undefined ? range : range[end.inclusive ? "lte" : "lt"](end.field, end.value);
}

/** Some documents by their ids; null for one that is gone. */
export const documents = internalQueryGeneric({
  args: { ids: v.array(v.string()) },
  handler: async (ctx, { ids }) =>
    await withinLimits(async () => await Promise.all(ids.map((id) => ctx.db.get(asId(id))))),
});

/**
 * What the documents of a part of a table hold, as numbers of 64 bits, so that two sides can be compared without moving
 * the documents: for each part the sum of its documents' digests, in whatever order. `ends` are the ids that parts end with;
 * the last part goes on to `through`. Within the budget, as `page`: `position` is the last document that was looked at.
 * `fields` are those that count; null for all that the app writes. With `each`, every document's own digest is there, too.
 */
export const digest = internalQueryGeneric({
  args: {
    table: v.string(),
    after: bound,
    through: bound,
    ends: v.array(v.string()),
    fields: v.union(v.array(v.string()), v.null()),
    documents: v.number(),
    bytes: v.number(),
    each: v.boolean(),
  },
  handler: async (ctx, { table, after, through, ends, fields, documents, bytes, each }) =>
    await withinLimits(async () => {
      const result = await readPage(ctx, table, after, through, documents, bytes);
      const parts = [...ends, null].map(() => ({ documents: 0, sum: new Sum() }));
      let part = 0;
      const found = result.page.map((document) => {
        const id = document._id as string;
        while (part < ends.length && id > ends[part]!) {
          part++;
        }
        const own = digestOf(id, contentOf(document, fields));
        parts[part]!.documents++;
        parts[part]!.sum.add(own);
        return { id, digest: own };
      });
      return {
        parts: parts.map(({ documents, sum }) => ({ documents, digest: text(sum) })),
        each: each ? found.map(({ id, digest }) => ({ id, digest: text(digest) })) : [],
        position: found[found.length - 1]?.id ?? null,
        isDone: result.isDone,
      };
    }),
});

/** What some documents hold, by their ids, as digests without the ids; null for one that is gone. */
export const contents = internalQueryGeneric({
  args: { ids: v.array(v.string()) },
  handler: async (ctx, { ids }) =>
    await withinLimits(
      async () =>
        await Promise.all(
          ids.map(async (id) => {
            const document = (await ctx.db.get(asId(id))) as Document | null;
            return document === null ? null : text(contentOf(document, null));
          }),
        ),
    ),
});

/** How many documents lie after an id; at most `documents` are counted, up to `position`. */
export const count = internalQueryGeneric({
  args: { table: v.string(), after: bound, through: bound, documents: v.number() },
  handler: async (ctx, { table, after, through, documents }) =>
    await withinLimits(async () => {
      const result = await readPage(ctx, table, after, through, documents, 4 << 20);
      return {
        documents: result.page.length,
        position: (result.page[result.page.length - 1]?._id as string | undefined) ?? null,
        isDone: result.isDone,
      };
    }),
});

/**
 * Makes the ledger rows of a run and returns their ids, one for each range. The same run with the same token gets the same
 * rows again, so a lost answer does no harm; with another token it is somebody else's run, which is refused.
 */
export const openLedger = internalMutationGeneric({
  args: {
    run: v.string(),
    token: v.string(),
    table: v.string(),
    ranges: v.array(v.object({ after: bound, through: bound })),
  },
  handler: async (ctx, { run, token, table, ranges }) => {
    const head = await findRun(ctx, run);
    if (head !== null) {
      if (head.token !== token) {
        refuse("runTaken", `The deployment already has a ledger of a run named '${run}' that was started elsewhere`);
      }
      return { ledger: head.ledger as string[] };
    }
    if (ranges.length < 1 || ranges.length > MAX_RANGES) {
      refuse("invalid", `A run has 1 to ${MAX_RANGES} ranges and not ${ranges.length}`);
    }
    const ledger = await Promise.all(
      ranges.map(({ after, through }, range) => {
        const entry: Entry = {
          run,
          range,
          table,
          after,
          through,
          fence: 0,
          sequence: 0,
          appliedBy: 0,
          position: after,
          isDone: false,
          read: 0,
          changed: 0,
          unchanged: 0,
          deleted: 0,
          quarantined: 0,
          conflicts: 0,
          skipped: [],
          inserted: [],
        };
        return ctx.db.insert(LEDGER, entry);
      }),
    );
    await ctx.db.insert(RUNS, { run, token, table, ledger });
    return { ledger: ledger as string[] };
  },
});

/** The run's token and some of its ledger rows, by range number; null if the deployment has no such run. */
export const readLedger = internalQueryGeneric({
  args: { run: v.string(), from: v.number(), count: v.number() },
  handler: async (ctx, { run, from, count }) => {
    const head = await findRun(ctx, run);
    if (head === null) {
      return null;
    }
    const ids = (head.ledger as string[]).slice(from, from + count);
    const entries = await Promise.all(ids.map((id) => ctx.db.get(asId(id))));
    return { token: head.token as string, ranges: (head.ledger as string[]).length, entries: entries.map(withoutId) };
  },
});

/** Makes the caller the owner of a range: whoever comes with a smaller fence is refused from now on. */
export const claim = internalMutationGeneric({
  args: { ledger: v.string(), fence: v.number() },
  handler: async (ctx, { ledger, fence }) => {
    const entry = await findEntry(ctx, ledger, fence);
    if (fence > entry.fence) {
      await ctx.db.patch(asId(ledger), { fence });
    }
    return { ...entry, fence };
  },
});

/**
 * Applies a chunk and moves the ledger row, or neither. The first chunk of a range has sequence 1. While documents of the
 * last chunk are unsettled (`skipped` as conflict or rejected), the next chunk settles exactly those and moves nothing.
 * Returns the ledger row.
 */
export const apply = internalMutationGeneric({
  args: chunk.fields,
  handler: async (ctx, chunk) =>
    await withinLimits(async () => {
      const entry = await findEntry(ctx, chunk.ledger, chunk.fence);
      if (chunk.sequence === entry.sequence && chunk.fence === entry.appliedBy) {
        if (chunk.to !== entry.position || chunk.isDone !== entry.isDone) {
          refuse("outOfOrder", `Chunk ${chunk.sequence} was applied up to another position than '${chunk.to}'`);
        }
        return entry;
      }
      requireNext(entry, chunk);
      const found = await Promise.all(chunk.changes.map(({ id }) => ctx.db.get(inTable(ctx, entry.table, id))));
      const outcomes = await Promise.all(chunk.changes.map((wanted, i) => applyOne(ctx, wanted, found[i] ?? null)));
      // in the order of the changes, whichever ended first
      const skipped = outcomes.filter((outcome): outcome is Skipped => outcome !== null && "reason" in outcome);
      const inserted = outcomes.filter((outcome): outcome is Inserted => outcome !== null && "target" in outcome);
      const missing = skipped.filter(({ reason }) => reason === "missing").length;
      const moved: Entry = {
        ...entry,
        sequence: chunk.sequence,
        appliedBy: chunk.fence,
        position: chunk.to,
        isDone: chunk.isDone,
        read: entry.read + chunk.read,
        changed: entry.changed + (chunk.called ?? 0) + chunk.changes.length - skipped.length,
        unchanged: entry.unchanged + chunk.unchanged,
        deleted: entry.deleted + chunk.deleted + missing,
        quarantined: entry.quarantined + chunk.quarantined,
        conflicts: entry.conflicts + skipped.filter(({ reason }) => reason === "conflict").length,
        skipped,
        inserted,
      };
      await ctx.db.replace(asId(chunk.ledger), moved);
      return moved;
    }),
});

/** Deletes a run's ledger, some rows at a time; call it until it is done. */
export const purge = internalMutationGeneric({
  args: { run: v.string(), rows: v.number() },
  handler: async (ctx, { run, rows }) => {
    const head = await findRun(ctx, run);
    if (head === null) {
      return { deleted: 0, isDone: true };
    }
    const ledger = head.ledger as string[];
    const now = ledger.slice(0, rows);
    for (const id of now) {
      if ((await ctx.db.get(asId(id))) !== null) {
        await ctx.db.delete(asId(id));
      }
    }
    const isDone = now.length === ledger.length;
    if (isDone) {
      await ctx.db.delete(head._id as GenericId<string>);
    } else {
      await ctx.db.patch(head._id as GenericId<string>, { ledger: ledger.slice(now.length) });
    }
    return { deleted: now.length, isDone };
  },
});

async function findRun(ctx: QueryCtx | MutationCtx, run: string): Promise<Document | null> {
  const runs = await ctx.db.query(RUNS).take(MAX_RUNS);
  return (runs.find((head) => head.run === run) as Document | undefined) ?? null;
}

async function findEntry(ctx: MutationCtx, ledger: string, fence: number): Promise<Entry> {
  const id = ctx.db.normalizeId(LEDGER, ledger);
  const entry = id === null ? null : await ctx.db.get(id);
  if (entry === null) {
    refuse("ledgerMissing", `The deployment has no ledger row '${ledger}': the run was purged, or belongs elsewhere`);
  }
  if (fence < (entry.fence as number)) {
    refuse("fenced", `Range ${entry.range} of run '${entry.run}' belongs to a newer owner`);
  }
  return withoutId(entry) as Entry;
}

function requireNext(entry: Entry, chunk: Chunk) {
  if (chunk.fence !== entry.fence) {
    refuse("unclaimed", `Range ${entry.range} of run '${entry.run}' must be claimed before chunks are applied`);
  }
  const unsettled = entry.skipped.filter(({ reason }) => reason !== "missing").length;
  const follows = chunk.sequence === entry.sequence + 1 && chunk.from === entry.position;
  const settles = unsettled > 0;
  if (!follows || (settles ? chunk.to !== chunk.from || chunk.isDone !== entry.isDone : entry.isDone)) {
    refuse(
      "outOfOrder",
      `Chunk ${chunk.sequence} from '${chunk.from}' to '${chunk.to}' does not follow chunk ${entry.sequence}, which ` +
        `ended at '${entry.position}' with ${unsettled} documents to settle${entry.isDone ? " and was the last" : ""}`,
    );
  }
  const called = chunk.called ?? 0;
  const counts = [chunk.read, chunk.unchanged, chunk.deleted, chunk.quarantined, called];
  const accounted = chunk.unchanged + chunk.deleted + chunk.quarantined + called + chunk.changes.length;
  if (
    !counts.every((n) => Number.isInteger(n) && n >= 0) ||
    (settles && chunk.read !== 0) ||
    accounted !== (settles ? unsettled : chunk.read)
  ) {
    refuse(
      "invalid",
      `Chunk ${chunk.sequence} accounts for ${accounted} of ${settles ? unsettled : chunk.read} documents`,
    );
  }
  if (called > 0 && chunk.changes.length > 0) {
    refuse("invalid", `Chunk ${chunk.sequence} has changes of its own beside those of the app's own function`);
  }
  if (chunk.changes.length > MAX_CHANGES || new Set(chunk.changes.map(({ id }) => id)).size < chunk.changes.length) {
    refuse("invalid", `Chunk ${chunk.sequence} has more than ${MAX_CHANGES} changes, or two of one document`);
  }
}

/** Makes one change and says what it inserted, or why it was not made; throws only what must undo the whole chunk. */
async function applyOne(
  ctx: MutationCtx,
  { id, expect, absent, exact, write }: Infer<typeof change>,
  found: Document | null,
): Promise<Skipped | Inserted | null> {
  if (write.kind === "restore") {
    return found === null ? await inserted(ctx, id, write) : { id, reason: "conflict" };
  }
  if (found === null) {
    return { id, reason: "missing" };
  }
  const same =
    Object.entries(expect).every(([field, value]) => sameValue(own(found, field), value)) &&
    absent.every((field) => own(found, field) === undefined) &&
    ((write.kind === "patch" && exact !== true) ||
      Object.keys(found).every((field) => isSystemField(field) || own(expect, field) !== undefined));
  if (!same) {
    return { id, reason: "conflict" };
  }
  try {
    switch (write.kind) {
      case "patch": {
        const unset = Object.fromEntries(write.unset.map((field) => [field, undefined]));
        await ctx.db.patch(asId(id), { ...write.set, ...unset });
        break;
      }
      case "replace":
        await ctx.db.replace(asId(id), write.document);
        break;
      case "delete":
        await ctx.db.delete(asId(id));
        break;
      case "insert":
        return await inserted(ctx, id, write);
    }
    return null;
  } catch (error) {
    return rejected(id, error);
  }
}

async function inserted(
  ctx: MutationCtx,
  source: string,
  { table, document }: { table: string; document: Record<string, Value> },
): Promise<Skipped | Inserted> {
  try {
    return { source, target: await ctx.db.insert(table, document) };
  } catch (error) {
    return rejected(source, error);
  }
}

/** What a refused write is to the caller. Throws the error of a limit, which must undo the whole chunk. */
function rejected(id: string, error: unknown): Skipped {
  if (isLimit(error)) {
    throw error;
  }
  return { id, reason: "rejected", message: shortened(error instanceof Error ? error.message : String(error)) };
}

/** At most the first {@link MAX_REASON_LENGTH} units of a text, and no half of a surrogate pair, which is no text to Convex. */
function shortened(text: string): string {
  return text.slice(0, MAX_REASON_LENGTH).replace(/[\uD800-\uDBFF]$/, "");
}

function isSystemField(field: string): boolean {
  return field === "_id" || field === "_creationTime";
}

/** A field that the document has itself: every object of JavaScript also knows a `constructor`. */
function own(document: Document, field: string): Value | undefined {
  return Object.prototype.hasOwnProperty.call(document, field) ? document[field] : undefined;
}

/** Turns the error of a limit into one that the caller can read on every deployment, so that it sends less. */
async function withinLimits<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isLimit(error)) {
      refuse("tooLarge", (error as Error).message);
    }
    throw error;
  }
}

function isLimit(error: unknown): boolean {
  return error instanceof Error && /too many .* in a single function execution/i.test(error.message);
}

/** Convex's own equality: -0 is not 0, NaN is NaN, 1n is not 1, and a missing field is not null. */
function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) {
    return true;
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return false;
  }
  if (a instanceof ArrayBuffer || b instanceof ArrayBuffer) {
    return a instanceof ArrayBuffer && b instanceof ArrayBuffer && sameBytes(new Uint8Array(a), new Uint8Array(b));
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((element, i) => sameValue(element, b[i]))
    );
  }
  const left = a as Document;
  const right = b as Document;
  const fields = Object.keys(left);
  return (
    fields.length === Object.keys(right).length &&
    fields.every((field) => own(right, field) !== undefined && sameValue(left[field], own(right, field)))
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** 64 bits, as two whole numbers of 32. */
type Bits = { high: number; low: number };

/** Adds up digests; their order does not matter. */
class Sum implements Bits {
  high = 0;
  low = 0;

  add({ high, low }: Bits) {
    this.high = (this.high + high) | 0;
    this.low = (this.low + low) | 0;
  }
}

function text({ high, low }: Bits): string {
  return (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0");
}

function digestOf(id: string, content: Bits): Bits {
  const mixer = new Mixer();
  mixer.string(id);
  mixer.word(content.high);
  mixer.word(content.low);
  return mixer.finish();
}

function contentOf(document: Document, fields: string[] | null): Bits {
  const mixer = new Mixer();
  if (fields === null) {
    mixer.fields(document, (name) => !isSystemField(name));
  } else {
    for (const field of fields) {
      const value = own(document, field);
      if (value === undefined) {
        mixer.word(MISSING);
      } else {
        mixer.value(value);
      }
    }
  }
  return mixer.finish();
}

const MISSING = 9;
const float = new DataView(new ArrayBuffer(8));

/**
 * Mixes values into 64 bits; two values that {@link sameValue} tells apart are mixed differently. Two lanes of 32 bits with
 * the steps of MurmurHash3, which engines compute in whole numbers. No protection against somebody who looks for two values
 * with the same digest.
 */
class Mixer {
  private high = 0;
  private low = 0;
  private words = 0;

  word(word: number) {
    const k = Math.imul(word, 0xcc9e2d51);
    this.high ^= Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    this.high = (this.high << 13) | (this.high >>> 19);
    this.high = (Math.imul(this.high + this.low, 5) + 0xe6546b64) | 0;
    const l = Math.imul(word, 0x239b961b);
    this.low ^= Math.imul((l << 16) | (l >>> 16), 0x38b34ae5);
    this.low = (this.low << 17) | (this.low >>> 15);
    this.low = (Math.imul(this.low + this.high, 5) + 0x0bcaa747) | 0;
    this.words++;
  }

  value(value: unknown) {
    switch (typeof value) {
      case "boolean":
        this.word(value ? 2 : 1);
        break;
      case "number":
        // engines may keep several kinds of NaN apart
        float.setFloat64(0, Number.isNaN(value) ? 0 : value);
        this.bits(Number.isNaN(value) ? 10 : 3);
        break;
      case "bigint":
        float.setBigInt64(0, value);
        this.bits(4);
        break;
      case "string":
        this.word(5);
        this.string(value);
        break;
      default:
        this.composite(value as object | null);
    }
  }

  private composite(value: object | null) {
    if (value === null) {
      this.word(0);
    } else if (value instanceof ArrayBuffer) {
      this.word(6);
      this.word(value.byteLength);
      new Uint8Array(value).forEach((byte) => this.word(byte));
    } else if (Array.isArray(value)) {
      this.word(7);
      this.word(value.length);
      value.forEach((element) => this.value(element));
    } else {
      this.word(8);
      this.fields(value as Document, () => true);
    }
  }

  private bits(type: number) {
    this.word(type);
    this.word(float.getInt32(0));
    this.word(float.getInt32(4));
  }

  fields(object: Document, counts: (name: string) => boolean) {
    const names = Object.keys(object)
      .filter((name) => object[name] !== undefined && counts(name))
      .sort();
    this.word(names.length);
    for (const name of names) {
      this.string(name);
      this.value(object[name]);
    }
  }

  /** Two units a word. */
  string(string: string) {
    const length = string.length;
    this.word(length);
    for (let i = 0; i < length; i += 2) {
      this.word(string.charCodeAt(i) | (i + 1 < length ? string.charCodeAt(i + 1) << 16 : 0));
    }
  }

  finish(): Bits {
    const high = spread(this.high ^ this.words);
    const low = spread(this.low ^ this.words);
    return { high: (high + low) | 0, low: (low + Math.imul(high, 3)) | 0 };
  }
}

function spread(word: number): number {
  const half = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const most = Math.imul(half ^ (half >>> 13), 0xc2b2ae35);
  return most ^ (most >>> 16);
}

/** The id, if it is one of that table: a run never touches another. */
function inTable(ctx: MutationCtx, table: string, id: string): GenericId<string> {
  return ctx.db.normalizeId(table, id) ?? refuse("invalid", `'${id}' is no id of the table '${table}'`);
}

function asId(id: string): GenericId<string> {
  return id as GenericId<string>;
}

function withoutId(entry: Document | null): Document | null {
  if (entry === null) {
    return null;
  }
  const { _id, _creationTime, ...rest } = entry;
  return rest;
}
