import { describe, expect, test } from "vitest";
import type { Value } from "convex/values";
import { claimedRange, deployment, patch, refusal } from "./deployment.js";

const bytes = (...values: number[]) => new Uint8Array(values).buffer;

describe("compare and set", () => {
  test("a patch sets, overwrites and unsets fields and leaves the others alone", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { old: 1, gone: 2, kept: 3 });
    const range = await claimedRange(d);
    const row = await range.apply(
      range.chunk([patch(id!, { old: 1, gone: 2 }, { old: 9, fresh: "x" }, ["gone"], ["fresh"])]),
    );
    expect(await d.get(id!)).toEqual({ old: 9, kept: 3, fresh: "x" });
    expect(row).toMatchObject({ changed: 1, skipped: [] });
  });

  test("a document that was changed is left alone and reported, the others are written", async () => {
    const d = await deployment();
    const ids = await d.insert("users", { n: 1 }, { n: 1 }, { n: 1 });
    await d.patch(ids[1]!, { n: 7 });
    const range = await claimedRange(d);
    const row = await range.apply(range.chunk(ids.map((id) => patch(id, { n: 1 }, { n: 2 }))));
    expect(row).toMatchObject({ changed: 2, conflicts: 1, skipped: [{ id: ids[1], reason: "conflict" }] });
    expect(await Promise.all(ids.map(d.get))).toEqual([{ n: 2 }, { n: 7 }, { n: 2 }]);
  });

  test("a change of a field that was not read is no conflict", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1, other: 1 });
    await d.patch(id!, { other: 2 });
    const range = await claimedRange(d);
    await range.apply(range.chunk([patch(id!, { n: 1 }, { n: 2 })]));
    expect(await d.get(id!)).toEqual({ n: 2, other: 2 });
  });

  test("a field that was missing and is not any more is a conflict", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1, added: null });
    const range = await claimedRange(d);
    const row = await range.apply(range.chunk([patch(id!, { n: 1 }, { added: 5 }, [], ["added"])]));
    expect(row.skipped).toEqual([{ id, reason: "conflict" }]);
    expect(await d.get(id!)).toEqual({ n: 1, added: null });
  });

  test("a document that is gone is counted as deleted and needs no settling", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    await d.remove(id!);
    const range = await claimedRange(d);
    const row = await range.apply(range.chunk([patch(id!, { n: 1 }, { n: 2 })]));
    expect(row).toMatchObject({ deleted: 1, changed: 0, skipped: [{ id, reason: "missing" }] });
    await range.apply(range.chunk([], { sequence: 2, from: "p", to: "q" }));
  });

  const distinct: [string, Value][] = [
    ["0", 0],
    ["-0", -0],
    ["NaN", NaN],
    ["infinity", Infinity],
    ["int64 0", 0n],
    ["the largest int64", 2n ** 63n - 1n],
    ["null", null],
    ["false", false],
    ["empty string", ""],
    ["decomposed", "e\u0301"],
    ["composed", "\u00e9"],
    ["no bytes", bytes()],
    ["bytes", bytes(0, 255)],
    ["empty array", []],
    ["nested array", [[1, null], bytes(1)]],
    ["empty object", {}],
    ["nested object", { a: { b: [0n] } }],
    ["object with null", { a: null }],
  ];

  test.each(distinct)("%s equals itself and nothing else", async (_, value) => {
    const d = await deployment();
    const [id] = await d.insert("users", { x: value });
    const range = await claimedRange(d);
    let sequence = 1;
    for (const [, other] of distinct.filter(([, other]) => other !== value && !Object.is(other, value))) {
      const row = await range.apply(
        range.chunk([patch(id!, { x: other }, { hit: true })], { sequence, from: sequence === 1 ? null : "p" }),
      );
      expect(row.skipped).toEqual([{ id, reason: "conflict" }]);
      await range.apply(range.chunk([], { sequence: sequence + 1, from: "p", read: 0, quarantined: 1 }));
      sequence += 2;
    }
    const row = await range.apply(
      range.chunk([patch(id!, { x: value }, { x: value, hit: true })], { sequence, from: "p" }),
    );
    expect(row.skipped).toEqual([]);
    expect(await d.get(id!)).toEqual({ x: value, hit: true });
  });

  test("the order of an object's fields does not matter", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { x: { a: 1, b: 2 } });
    const range = await claimedRange(d);
    expect((await range.apply(range.chunk([patch(id!, { x: { b: 2, a: 1 } }, { y: 1 })]))).skipped).toEqual([]);
  });
});

describe("other changes", () => {
  test("replace keeps the id and drops what the new document has not", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { a: 1, b: 2 });
    const range = await claimedRange(d);
    await range.apply(
      range.chunk([{ id: id!, expect: { a: 1 }, absent: [], write: { kind: "replace", document: { c: 3n } } }]),
    );
    expect(await d.get(id!)).toEqual({ c: 3n });
  });

  test("delete removes the document, unless it was changed", async () => {
    const d = await deployment();
    const ids = await d.insert("users", { a: 1 }, { a: 2 });
    const range = await claimedRange(d);
    const row = await range.apply(
      range.chunk(ids.map((id) => ({ id, expect: { a: 1 }, absent: [], write: { kind: "delete" } }))),
    );
    expect(row).toMatchObject({ changed: 1, conflicts: 1 });
    expect(await d.all("users")).toHaveLength(1);
  });

  test("insert copies into another table and tells the new id, again if asked again", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { a: 1 });
    const range = await claimedRange(d);
    const chunk = range.chunk([
      {
        id: id!,
        expect: { a: 1 },
        absent: [],
        write: { kind: "insert", table: "users_v2", document: { b: bytes(1) } },
      },
    ]);
    const row = await range.apply(chunk);
    const [copy] = await d.all("users_v2");
    expect(row.inserted).toEqual([{ source: id, target: copy!._id }]);
    expect(copy!.b).toEqual(bytes(1));
    expect((await range.apply(chunk)).inserted).toEqual(row.inserted);
    expect(await d.all("users_v2")).toHaveLength(1);
  });

  test("a change that the schema rejects is reported, the others are written", async () => {
    const d = await deployment();
    const ids = await d.insert("strict", { n: 1 }, { n: 1 });
    const range = await claimedRange(d, "strict");
    const row = await range.apply(
      range.chunk([patch(ids[0]!, { n: 1 }, { n: "x" }), patch(ids[1]!, { n: 1 }, { n: 2 })]),
    );
    expect(row).toMatchObject({ changed: 1, conflicts: 0, skipped: [{ id: ids[0], reason: "rejected" }] });
    expect(row.skipped[0]!.message).toMatch(/Validator error|does not match the schema/);
    expect(await Promise.all(ids.map(d.get))).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test("a chunk that is too large for one transaction says so and changes nothing", async () => {
    const d = await deployment("four writes");
    const ids = await d.insert("users", { n: 1 }, { n: 1 }, { n: 1 });
    const range = await claimedRange(d);
    const more = await d.insert("users", { n: 1 }, { n: 1 });
    const chunk = range.chunk([...ids, ...more].map((id) => patch(id, { n: 1 }, { n: 2 })));
    expect(await refusal(range.apply(chunk))).toBe("tooLarge");
    expect((await d.all("users")).map(({ n }) => n)).toEqual([1, 1, 1, 1, 1]);
    const smaller = range.chunk(ids.map((id) => patch(id, { n: 1 }, { n: 2 })));
    expect(await range.apply(smaller)).toMatchObject({ changed: 3 });
  });

  test("arguments of another shape are refused", async () => {
    const range = await claimedRange(await deployment());
    await expect(range.apply(range.chunk([], { extra: 1 }))).rejects.toThrow(/extra/);
    await expect(
      range.apply(range.chunk([{ id: "x", expect: {}, absent: [], write: { kind: "truncate" } }])),
    ).rejects.toThrow();
  });
});

describe("settling", () => {
  test("the next chunk settles exactly the documents that conflicted or were rejected, and moves nothing", async () => {
    const d = await deployment();
    const ids = await d.insert("users", { n: 5 }, { n: 6 }, { n: 7 });
    const range = await claimedRange(d);
    await range.apply(range.chunk(ids.map((id) => patch(id, { n: 1 }, { n: 2 }))));
    expect(await refusal(range.apply(range.chunk([], { sequence: 2, from: "p", to: "q" })))).toBe("outOfOrder");
    expect(await refusal(range.apply(range.chunk([], { sequence: 2, from: "p", isDone: true, quarantined: 3 })))).toBe(
      "outOfOrder",
    );
    expect(await refusal(range.apply(range.chunk([], { sequence: 2, from: "p", quarantined: 2 })))).toBe("invalid");

    const row = await range.apply(
      range.chunk([patch(ids[0]!, { n: 5 }, { n: 2 })], {
        sequence: 2,
        from: "p",
        read: 0,
        quarantined: 1,
        unchanged: 1,
      }),
    );
    expect(row).toMatchObject({
      read: 3,
      changed: 1,
      unchanged: 1,
      quarantined: 1,
      conflicts: 3,
      skipped: [],
      position: "p",
    });
    await range.apply(range.chunk([], { sequence: 3, from: "p", to: "q" }));
  });

  test("a document may conflict again and is settled again", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 5 });
    const range = await claimedRange(d);
    await range.apply(range.chunk([patch(id!, { n: 1 }, { n: 2 })], { isDone: true }));
    const settle = { from: "p", read: 0, isDone: true };
    const again = await range.apply(range.chunk([patch(id!, { n: 4 }, { n: 2 })], { ...settle, sequence: 2 }));
    expect(again).toMatchObject({ conflicts: 2, skipped: [{ id, reason: "conflict" }], isDone: true });
    const row = await range.apply(range.chunk([patch(id!, { n: 5 }, { n: 2 })], { ...settle, sequence: 3 }));
    expect(row).toMatchObject({ read: 1, changed: 1, conflicts: 2, skipped: [] });
  });
});
