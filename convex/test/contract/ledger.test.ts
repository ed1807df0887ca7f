import { describe, expect, test } from "vitest";
import { claimedRange, deployment, patch, refusal, type LedgerRow } from "./deployment.js";

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

  test("a run of that name from elsewhere is refused", async () => {
    const d = await deployment();
    await d.mutation("openLedger", { run: "r", token: "t", table: "users", ranges });
    expect(await refusal(d.mutation("openLedger", { run: "r", token: "other", table: "users", ranges }))).toBe(
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

  test("a claim with a smaller fence is refused, with the same fence it is harmless", async () => {
    const d = await deployment();
    const { ledger } = await claimedRange(d);
    expect(await d.mutation("claim", { ledger, fence: 5 })).toMatchObject({ fence: 5, sequence: 0 });
    expect(await d.mutation("claim", { ledger, fence: 5 })).toMatchObject({ fence: 5 });
    expect(await refusal(d.mutation("claim", { ledger, fence: 4 }))).toBe("fenced");
  });

  test("a row that is gone is named as such", async () => {
    const d = await deployment();
    const { ledger } = await claimedRange(d);
    await d.remove(ledger);
    expect(await refusal(d.mutation("claim", { ledger, fence: 2 }))).toBe("ledgerMissing");
    expect(await refusal(d.mutation("claim", { ledger: "nonsense", fence: 2 }))).toBe("ledgerMissing");
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
    expect(await refusal(range.apply(late))).toBe("fenced");
    await range.apply(range.chunk([], { fence: 2 }));
    expect(await refusal(range.apply(late))).toBe("fenced");
    expect(await d.get(id!)).toEqual({ n: 1 });
  });

  test("an owner that has not claimed the range is refused", async () => {
    const d = await deployment();
    const range = await claimedRange(d);
    expect(await refusal(range.apply(range.chunk([], { fence: 9 })))).toBe("unclaimed");
  });

  test.each([
    ["another position to start from", { from: "q" }],
    ["a gap in the sequence", { sequence: 2 }],
    ["a sequence that is over", { sequence: 0 }],
  ])("%s is refused", async (_, wrong) => {
    const d = await deployment();
    const range = await claimedRange(d);
    expect(await refusal(range.apply(range.chunk([], wrong)))).toBe("outOfOrder");
  });

  test("a repeated chunk that ends elsewhere is refused", async () => {
    const range = await claimedRange(await deployment());
    await range.apply(range.chunk([], { to: "p" }));
    expect(await refusal(range.apply(range.chunk([], { to: "q" })))).toBe("outOfOrder");
    expect(await refusal(range.apply(range.chunk([], { to: "p", isDone: true })))).toBe("outOfOrder");
  });

  test("nothing follows the last chunk", async () => {
    const range = await claimedRange(await deployment());
    await range.apply(range.chunk([], { isDone: true }));
    expect(await refusal(range.apply(range.chunk([], { sequence: 2, from: "p", to: "q" })))).toBe("outOfOrder");
  });

  test.each([
    ["more documents than changes", { read: 2 }],
    ["fewer documents than changes", { read: 0 }],
    ["a negative count", { unchanged: -1, deleted: 1 }],
    ["half a document", { read: 1.5, unchanged: 0.5 }],
  ])("a chunk that accounts for %s is refused", async (_, wrong) => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    expect(await refusal(range.apply(range.chunk([patch(id!, { n: 1 }, { n: 2 })], wrong)))).toBe("invalid");
    expect(await d.get(id!)).toEqual({ n: 1 });
  });

  test("two changes of one document are refused", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    const twice = range.chunk([patch(id!, { n: 1 }, { n: 2 }), patch(id!, { n: 1 }, { n: 3 })]);
    expect(await refusal(range.apply(twice))).toBe("invalid");
  });

  test("a document of another table is refused", async () => {
    const d = await deployment();
    const [id] = await d.insert("others", { n: 1 });
    const range = await claimedRange(d);
    expect(await refusal(range.apply(range.chunk([patch(id!, { n: 1 }, { n: 2 })])))).toBe("invalid");
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
});
