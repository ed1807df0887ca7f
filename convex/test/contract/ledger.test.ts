import { describe, expect, test } from "vitest";
import { claimedRange, deployment, FRESH_ROW, patch, refusal, refusalCode, type LedgerRow } from "./deployment.js";

const ranges = [
  { after: null, through: "m" },
  { after: "m", through: null },
];

describe("the ledger", () => {
  test("opening it twice with one token gives the same rows", async () => {
    const d = await deployment();
    const args = { run: "r", token: "t", table: "users", ranges };
    const first = await d.mutation("openLedger", args);
    expect(await d.mutation("openLedger", args)).toEqual(first);
    expect(await d.all("backfillLedger")).toHaveLength(2);
  });

  test("opening it again with other ranges and another table gives the first rows", async () => {
    const d = await deployment();
    const args = { run: "r", token: "t", table: "users", ranges };
    const first = await d.mutation("openLedger", args);
    expect(await d.mutation("openLedger", { ...args, table: "others", ranges: [] })).toEqual(first);
  });

  test("a new row says which range it is, and that nothing was done", async () => {
    const d = await deployment();
    await d.mutation("openLedger", { run: "r", token: "t", table: "users", ranges });
    expect(await d.query("readLedger", { run: "r", from: 0, count: 9 })).toEqual({
      token: "t",
      ranges: 2,
      entries: [
        { run: "r", range: 0, table: "users", after: null, through: "m", position: null, ...FRESH_ROW },
        { run: "r", range: 1, table: "users", after: "m", through: null, position: "m", ...FRESH_ROW },
      ],
    });
  });

  test("has 1 to 1000 ranges", async () => {
    const d = await deployment();
    const open = async (run: string, count: number) =>
      await d.mutation("openLedger", {
        run,
        token: "t",
        table: "users",
        ranges: Array.from({ length: count }, () => ({ after: null, through: null })),
      });
    expect(await refusal(open("none", 0))).toEqual({
      code: "invalid",
      message: "A run has 1 to 1000 ranges and not 0",
    });
    expect(await refusalCode(open("many", 1001))).toBe("invalid");
    expect(((await open("most", 1000)) as { ledger: string[] }).ledger).toHaveLength(1000);
    expect(await d.query("readLedger", { run: "many", from: 0, count: 1 })).toBeNull();
  });

  test("a run of that name from elsewhere is refused", async () => {
    const d = await deployment();
    await d.mutation("openLedger", { run: "r", token: "t", table: "users", ranges });
    expect(await refusalCode(d.mutation("openLedger", { run: "r", token: "other", table: "users", ranges }))).toBe(
      "runTaken",
    );
  });

  test("is read in slices by range number", async () => {
    const d = await deployment();
    await d.mutation("openLedger", { run: "r", token: "t", table: "users", ranges });
    const read = (await d.query("readLedger", { run: "r", from: 1, count: 5 })) as {
      token: string;
      ranges: number;
      entries: { range: number; position: string; after: string }[];
    };
    expect(read.token).toBe("t");
    expect(read.ranges).toBe(2);
    expect(read.entries).toMatchObject([{ range: 1, after: "m", position: "m", isDone: false, sequence: 0, fence: 0 }]);
    expect(await d.query("readLedger", { run: "unknown", from: 0, count: 5 })).toBeNull();
  });

  test("a slice beyond the last range is empty, and a row that is gone is null", async () => {
    const d = await deployment();
    const { ledger } = (await d.mutation("openLedger", { run: "r", token: "t", table: "users", ranges })) as {
      ledger: string[];
    };
    expect(await d.query("readLedger", { run: "r", from: 2, count: 5 })).toEqual({
      token: "t",
      ranges: 2,
      entries: [],
    });
    await d.remove(ledger[0]!);
    expect(await d.query("readLedger", { run: "r", from: 0, count: 1 })).toEqual({
      token: "t",
      ranges: 2,
      entries: [null],
    });
  });

  test("a claim answers with the row, and leaves all of it but the fence as it was", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    const applied = await range.apply(range.chunk([patch(id!, { n: 5 }, { n: 2 })]));
    expect(await d.mutation("claim", { ledger: range.ledger, fence: 7.5 })).toEqual({ ...applied, fence: 7.5 });
    expect(await d.query("readLedger", { run: "r", from: 0, count: 1 })).toMatchObject({
      entries: [{ ...applied, fence: 7.5 }],
    });
  });

  test("a claim with a smaller fence is refused, with the same fence it is harmless", async () => {
    const d = await deployment();
    const { ledger } = await claimedRange(d);
    expect(await d.mutation("claim", { ledger, fence: 5 })).toMatchObject({ fence: 5, sequence: 0 });
    expect(await d.mutation("claim", { ledger, fence: 5 })).toMatchObject({ fence: 5 });
    expect(await refusalCode(d.mutation("claim", { ledger, fence: 4 }))).toBe("fenced");
  });

  test("a row that is gone is named as such", async () => {
    const d = await deployment();
    const { ledger } = await claimedRange(d);
    await d.remove(ledger);
    expect(await refusalCode(d.mutation("claim", { ledger, fence: 2 }))).toBe("ledgerMissing");
    expect(await refusalCode(d.mutation("claim", { ledger: "nonsense", fence: 2 }))).toBe("ledgerMissing");
    const [id] = await d.insert("users", { fence: 0 });
    expect(await refusal(d.mutation("claim", { ledger: id!, fence: 2 }))).toEqual({
      code: "ledgerMissing",
      message: `The deployment has no ledger row '${id}': the run was purged, or belongs elsewhere`,
    });
  });

  test("a chunk for a row that is gone changes nothing", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    await d.remove(range.ledger);
    expect(await refusalCode(range.apply(range.chunk([patch(id!, { n: 1 }, { n: 2 })])))).toBe("ledgerMissing");
    expect(await d.get(id!)).toEqual({ n: 1 });
  });

  test("purging takes steps, and a purged run can be opened again", async () => {
    const d = await deployment();
    await d.mutation("openLedger", { run: "r", token: "t", table: "users", ranges });
    await d.mutation("openLedger", { run: "kept", token: "t", table: "users", ranges });
    expect(await d.mutation("purge", { run: "r", rows: 1 })).toEqual({ deleted: 1, isDone: false });
    expect(await d.mutation("purge", { run: "r", rows: 1 })).toEqual({ deleted: 1, isDone: true });
    expect(await d.mutation("purge", { run: "r", rows: 1 })).toEqual({ deleted: 0, isDone: true });
    expect(await d.all("backfillLedger")).toHaveLength(2);
    await d.mutation("openLedger", { run: "r", token: "new", table: "users", ranges });
  });
});

describe("purging", () => {
  test("takes as many rows as it is told, and forgets the run with the last", async () => {
    const d = await deployment();
    const three = Array.from({ length: 3 }, () => ({ after: null, through: null }));
    const { ledger } = (await d.mutation("openLedger", { run: "r", token: "t", table: "users", ranges: three })) as {
      ledger: string[];
    };
    expect(await d.mutation("purge", { run: "r", rows: 2 })).toEqual({ deleted: 2, isDone: false });
    expect(await d.query("readLedger", { run: "r", from: 0, count: 9 })).toMatchObject({
      ranges: 1,
      entries: [{ range: 2 }],
    });
    expect(await refusalCode(d.mutation("claim", { ledger: ledger[0]!, fence: 1 }))).toBe("ledgerMissing");
    expect(await d.mutation("claim", { ledger: ledger[2]!, fence: 1 })).toMatchObject({ range: 2 });
    expect(await d.mutation("purge", { run: "r", rows: 9 })).toEqual({ deleted: 1, isDone: true });
    expect(await d.query("readLedger", { run: "r", from: 0, count: 9 })).toBeNull();
    expect([...(await d.all("backfillLedger")), ...(await d.all("backfillRuns"))]).toEqual([]);
  });

  test("passes over rows that are gone", async () => {
    const d = await deployment();
    const range = await claimedRange(d);
    await d.remove(range.ledger);
    expect(await d.mutation("purge", { run: "r", rows: 1 })).toEqual({ deleted: 1, isDone: true });
  });

  test("leaves the documents of the table alone", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    await range.apply(range.chunk([patch(id!, { n: 1 }, { n: 2 })]));
    await d.mutation("purge", { run: "r", rows: 1 });
    expect(await d.get(id!)).toEqual({ n: 2 });
  });
});

describe("the order of chunks", () => {
  test("a chunk that was applied changes nothing and gets the same answer", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    const chunk = range.chunk([patch(id!, { n: 1 }, { n: 2 })]);
    const first = await range.apply(chunk);
    await d.patch(id!, { n: 1 });
    expect(await range.apply(chunk)).toEqual(first);
    expect(await d.get(id!)).toEqual({ n: 1 });
  });

  test("an older owner is refused, before and after the newer one has written", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    const late = range.chunk([patch(id!, { n: 1 }, { n: 2 })]);
    await d.mutation("claim", { ledger: range.ledger, fence: 2 });
    expect(await refusalCode(range.apply(late))).toBe("fenced");
    await range.apply(range.chunk([], { fence: 2 }));
    expect(await refusalCode(range.apply(late))).toBe("fenced");
    expect(await d.get(id!)).toEqual({ n: 1 });
  });

  test("a repeated chunk gets the first answer whatever changes it carries", async () => {
    const d = await deployment();
    const ids = await d.insert("users", { n: 1 }, { n: 9 });
    const range = await claimedRange(d);
    const first = await range.apply(range.chunk(ids.map((id) => patch(id, { n: 1 }, { n: 2 }))));
    expect(first.skipped).toEqual([{ id: ids[1], reason: "conflict" }]);
    expect(await range.apply(range.chunk([patch(ids[1]!, { n: 9 }, { n: 3 })]))).toEqual(first);
    expect(await d.get(ids[1]!)).toEqual({ n: 9 });
  });

  test("a chunk before the last one is refused", async () => {
    const range = await claimedRange(await deployment());
    await range.apply(range.chunk([]));
    await range.apply(range.chunk([], { sequence: 2, from: "p", to: "q" }));
    expect(await refusal(range.apply(range.chunk([])))).toEqual({
      code: "outOfOrder",
      message: "Chunk 1 from 'null' to 'p' does not follow chunk 2, which ended at 'q' with 0 documents to settle",
    });
  });

  test("a new owner goes on where the last one was, and can't repeat what that one did", async () => {
    const d = await deployment();
    const range = await claimedRange(d);
    await range.apply(range.chunk([]));
    await d.mutation("claim", { ledger: range.ledger, fence: 2 });
    expect(await refusalCode(range.apply(range.chunk([], { fence: 2 })))).toBe("outOfOrder");
    expect(await range.apply(range.chunk([], { fence: 2, sequence: 2, from: "p", to: "q" }))).toMatchObject({
      fence: 2,
      appliedBy: 2,
      sequence: 2,
      position: "q",
    });
  });

  test("an owner that has not claimed the range is refused", async () => {
    const d = await deployment();
    const range = await claimedRange(d);
    expect(await refusalCode(range.apply(range.chunk([], { fence: 9 })))).toBe("unclaimed");
  });

  test.each([
    ["another position to start from", { from: "q" }],
    ["a gap in the sequence", { sequence: 2 }],
    ["a sequence that is over", { sequence: 0 }],
  ])("%s is refused", async (_, wrong) => {
    const d = await deployment();
    const range = await claimedRange(d);
    expect(await refusalCode(range.apply(range.chunk([], wrong)))).toBe("outOfOrder");
  });

  test("a repeated chunk that ends elsewhere is refused", async () => {
    const range = await claimedRange(await deployment());
    await range.apply(range.chunk([], { to: "p" }));
    expect(await refusalCode(range.apply(range.chunk([], { to: "q" })))).toBe("outOfOrder");
    expect(await refusalCode(range.apply(range.chunk([], { to: "p", isDone: true })))).toBe("outOfOrder");
  });

  test("nothing follows the last chunk", async () => {
    const range = await claimedRange(await deployment());
    await range.apply(range.chunk([], { isDone: true }));
    expect(await refusalCode(range.apply(range.chunk([], { sequence: 2, from: "p", to: "q" })))).toBe("outOfOrder");
  });

  test.each([
    ["more documents than changes", { read: 2 }],
    ["fewer documents than changes", { read: 0 }],
    ["a negative count", { unchanged: -1, deleted: 1 }],
    ["half a document", { read: 1.5, unchanged: 0.5 }],
    ["infinitely many documents", { read: Infinity, unchanged: Infinity }],
    ["no number of documents", { read: NaN }],
  ])("a chunk that accounts for %s is refused", async (_, wrong) => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    expect(await refusalCode(range.apply(range.chunk([patch(id!, { n: 1 }, { n: 2 })], wrong)))).toBe("invalid");
    expect(await d.get(id!)).toEqual({ n: 1 });
  });

  test("two changes of one document are refused", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    const twice = range.chunk([patch(id!, { n: 1 }, { n: 2 }), patch(id!, { n: 1 }, { n: 3 })]);
    expect(await refusalCode(range.apply(twice))).toBe("invalid");
  });

  test("more than 1000 changes are refused, 1000 are not", async () => {
    const d = await deployment();
    const ids = await d.insert("users", ...Array.from({ length: 1001 }, () => ({ n: 1 })));
    const range = await claimedRange(d);
    const all = ids.map((id) => patch(id, { n: 1 }, { n: 2 }));
    expect(await refusal(range.apply(range.chunk(all)))).toEqual({
      code: "invalid",
      message: "Chunk 1 has more than 1000 changes, or two of one document",
    });
    expect(await range.apply(range.chunk(all.slice(1)))).toMatchObject({ changed: 1000 });
  });

  test("what is no id is refused", async () => {
    const d = await deployment();
    await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    expect(await refusal(range.apply(range.chunk([patch("nonsense", {}, { n: 2 })])))).toEqual({
      code: "invalid",
      message: "'nonsense' is no id of the table 'users'",
    });
  });

  test("a document of another table is refused", async () => {
    const d = await deployment();
    const [id] = await d.insert("others", { n: 1 });
    const range = await claimedRange(d);
    expect(await refusalCode(range.apply(range.chunk([patch(id!, { n: 1 }, { n: 2 })])))).toBe("invalid");
    expect(await d.get(id!)).toEqual({ n: 1 });
  });

  test("counts add up over chunks", async () => {
    const d = await deployment();
    const ids = await d.insert("users", { n: 1 }, { n: 2 });
    const range = await claimedRange(d);
    await range.apply(range.chunk([patch(ids[0]!, { n: 1 }, { n: 0 })], { read: 4, unchanged: 2, quarantined: 1 }));
    const row: LedgerRow = await range.apply(
      range.chunk([patch(ids[1]!, { n: 2 }, { n: 0 })], { sequence: 2, from: "p", to: "q", read: 1, isDone: true }),
    );
    expect(row).toMatchObject({
      sequence: 2,
      position: "q",
      isDone: true,
      read: 5,
      changed: 2,
      unchanged: 2,
      quarantined: 1,
      deleted: 0,
      conflicts: 0,
    });
  });

  test("documents that the app's own function has taken count as changed, once", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    const chunk = range.chunk([], { read: 9, called: 5, unchanged: 1, deleted: 1, quarantined: 2 });
    const row = await range.apply(chunk);
    expect(row).toMatchObject({ read: 9, changed: 5, unchanged: 1, deleted: 1, quarantined: 2, skipped: [] });
    expect(await range.apply(chunk)).toEqual(row);
    const next = await range.apply(
      range.chunk([patch(id!, { n: 1 }, { n: 2 })], { sequence: 2, from: "p", to: "q", called: 0 }),
    );
    expect(next).toMatchObject({ read: 10, changed: 6 });
    expect(await d.get(id!)).toEqual({ n: 2 });
  });

  test("a chunk that counts calls must account for its documents, and have no changes of its own", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    expect(await refusal(range.apply(range.chunk([], { read: 2, called: 3 })))).toEqual({
      code: "invalid",
      message: "Chunk 1 accounts for 3 of 2 documents",
    });
    expect(await refusalCode(range.apply(range.chunk([], { read: 0, called: -1, unchanged: 1 })))).toBe("invalid");
    expect(await refusalCode(range.apply(range.chunk([], { read: 1, called: 0.5, unchanged: 0.5 })))).toBe("invalid");
    expect(await refusal(range.apply(range.chunk([patch(id!, { n: 1 }, { n: 2 })], { read: 2, called: 1 })))).toEqual({
      code: "invalid",
      message: "Chunk 1 has changes of its own beside those of the app's own function",
    });
    expect(await d.get(id!)).toEqual({ n: 1 });
  });
});
