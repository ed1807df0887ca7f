import { describe, expect, test } from "vitest";
import type { Value } from "convex/values";
import { claimedRange, deployment, isTestRuntime, patch, refusal, refusalCode, type Fields } from "./deployment.js";

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

  test("a field that is set and unset is unset, and one that is not there may be unset", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { a: 1, b: 2 });
    const range = await claimedRange(d);
    const row = await range.apply(range.chunk([patch(id!, {}, { a: 5 }, ["a", "never"])]));
    expect(row).toMatchObject({ changed: 1, skipped: [] });
    expect(await d.get(id!)).toEqual({ b: 2 });
  });

  test("a patch of nothing counts as a change", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { a: 1 });
    const range = await claimedRange(d);
    expect(await range.apply(range.chunk([patch(id!, { a: 1 }, {})]))).toMatchObject({ changed: 1, skipped: [] });
    expect(await d.get(id!)).toEqual({ a: 1 });
  });

  test.each(["constructor", "toString", "hasOwnProperty", "", " x-y ", "1", "~"])(
    "a field named '%s' is like any other",
    async (name) => {
      const d = await deployment();
      const [id] = await d.insert("users", { n: 1 });
      const range = await claimedRange(d);
      const settle = { from: "p", read: 0, unchanged: 1 };
      await range.apply(range.chunk([patch(id!, {}, { [name]: { [name]: 1 } }, [], [name])]));
      expect(await d.get(id!)).toEqual({ n: 1, [name]: { [name]: 1 } });
      const wrongly = patch(id!, { [name]: { n: 1 } }, { n: 2 });
      expect((await range.apply(range.chunk([wrongly], { sequence: 2, from: "p" }))).skipped).toHaveLength(1);
      await range.apply(range.chunk([], { ...settle, sequence: 3 }));
      const there = patch(id!, {}, { n: 2 }, [], [name]);
      expect((await range.apply(range.chunk([there], { sequence: 4, from: "p" }))).skipped).toHaveLength(1);
      await range.apply(range.chunk([], { ...settle, sequence: 5 }));
      const rightly = patch(id!, { [name]: { [name]: 1 } }, {}, [name]);
      expect((await range.apply(range.chunk([rightly], { sequence: 6, from: "p" }))).skipped).toEqual([]);
      expect(await d.get(id!)).toEqual({ n: 1 });
    },
  );

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

  test("what a chunk did not write is named in the order of its changes", async () => {
    const d = await deployment();
    const ids = await d.insert("strict", { n: 1 }, { n: 2 }, { n: 1 }, { n: 1 }, { n: 3 });
    await d.remove(ids[3]!);
    const range = await claimedRange(d, "strict");
    const row = await range.apply(range.chunk(ids.map((id, i) => patch(id, { n: 1 }, { n: i === 2 ? 5 : "x" }))));
    expect(row.skipped.map(({ id, reason }) => [ids.indexOf(id), reason])).toEqual([
      [0, "rejected"],
      [1, "conflict"],
      [3, "missing"],
      [4, "conflict"],
    ]);
    expect(row).toMatchObject({ read: 5, changed: 1, conflicts: 2, deleted: 1 });
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
    ["outside the first plane", "\u{1f5fc}"],
    ["other bytes of that length", bytes(255, 0)],
    ["nested array", [[1, null], bytes(1)]],
    ["nested array of other order", [bytes(1), [1, null]]],
    ["empty object", {}],
    ["nested object", { a: { b: [0n] } }],
    ["nested object with -0", { a: { b: [-0] } }],
    ["object with null", { a: null }],
    ["object with another field", { b: null }],
    ["object with both", { a: null, b: null }],
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
      range.chunk([{ id: id!, expect: { a: 1, b: 2 }, absent: [], write: { kind: "replace", document: { c: 3n } } }]),
    );
    expect(await d.get(id!)).toEqual({ c: 3n });
  });

  test.each<[string, Fields]>([
    ["a replacement", { kind: "replace", document: { c: 1 } }],
    ["a deletion", { kind: "delete" }],
    ["a copy into another table", { kind: "insert", table: "users_v2", document: { c: 1 } }],
  ])("%s is a conflict if the document has a field that the caller does not know", async (_, write) => {
    const d = await deployment();
    const ids = await d.insert("users", { a: 1 }, { a: 1, constructor: 2 });
    const range = await claimedRange(d);
    const row = await range.apply(range.chunk(ids.map((id) => ({ id, expect: { a: 1 }, absent: [], write }))));
    expect(row).toMatchObject({ changed: 1, conflicts: 1, skipped: [{ id: ids[1], reason: "conflict" }] });
    expect(await d.get(ids[1]!)).toEqual({ a: 1, constructor: 2 });
    expect(await d.all("users_v2")).toHaveLength(write.kind === "insert" ? 1 : 0);
  });

  test("a patch of which the caller has read everything is one, too, and another is not", async () => {
    const d = await deployment();
    const ids = await d.insert("users", { a: 1, b: 2 }, { a: 1, b: 2 }, { a: 1 });
    const write = { kind: "patch", set: { a: 2 }, unset: [] };
    const range = await claimedRange(d);
    const row = await range.apply(
      range.chunk([
        { id: ids[0]!, expect: { a: 1 }, absent: [], exact: true, write },
        { id: ids[1]!, expect: { a: 1 }, absent: [], exact: false, write },
        { id: ids[2]!, expect: { a: 1 }, absent: [], exact: true, write },
      ]),
    );
    expect(row).toMatchObject({ changed: 2, conflicts: 1, skipped: [{ id: ids[0], reason: "conflict" }] });
    expect(await Promise.all(ids.map(d.get))).toEqual([{ a: 1, b: 2 }, { a: 2, b: 2 }, { a: 2 }]);
  });

  test("a chunk may hold changes of every kind, and what it inserts is named in their order", async () => {
    const d = await deployment();
    const ids = await d.insert("users", { n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }, { n: 4 });
    const copy = (n: number) => ({ kind: "insert", table: "users_v2", document: { from: n } });
    const writes: Fields[] = [
      { kind: "delete" },
      copy(1),
      { kind: "replace", document: {} },
      copy(3),
      { kind: "patch", set: { n: 5n }, unset: [] },
    ];
    const range = await claimedRange(d);
    const row = await range.apply(
      range.chunk(ids.map((id, n) => ({ id, expect: { n }, absent: ["gone"], write: writes[n]! }))),
    );
    expect(row).toMatchObject({ changed: 5, skipped: [] });
    expect(await Promise.all(ids.map(d.get))).toEqual([null, { n: 1 }, {}, { n: 3 }, { n: 5n }]);
    expect(row.inserted.map(({ source }) => source)).toEqual([ids[1], ids[3]]);
    expect(await Promise.all(row.inserted.map(({ target }) => d.get(target)))).toEqual([{ from: 1 }, { from: 3 }]);
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

  test("restore inserts a document that is gone, once, and leaves one alone that is there", async () => {
    const d = await deployment();
    const ids = await d.insert("users", { a: 1 }, { a: 2 });
    await d.remove(ids[0]!);
    const range = await claimedRange(d);
    const chunk = range.chunk(
      ids.map((id) => ({
        id,
        expect: {},
        absent: [],
        write: { kind: "restore", table: "users", document: { a: 9n } },
      })),
    );
    const row = await range.apply(chunk);
    const back = (await d.all("users")).find(({ a }) => a === 9n);
    expect(row).toMatchObject({ changed: 1, conflicts: 1, skipped: [{ id: ids[1], reason: "conflict" }] });
    expect(row.inserted).toEqual([{ source: ids[0], target: back!._id }]);
    expect(await range.apply(chunk)).toMatchObject({ changed: 1 });
    expect(await d.all("users")).toHaveLength(2);
  });

  test("a document that the schema does not let back is reported", async () => {
    const d = await deployment();
    const [id] = await d.insert("strict", { n: 1 });
    await d.remove(id!);
    const range = await claimedRange(d, "strict");
    const write = { kind: "restore", table: "strict", document: { n: "x" } };
    const row = await range.apply(range.chunk([{ id: id!, expect: {}, absent: [], write }]));
    expect(row).toMatchObject({ changed: 0, skipped: [{ id, reason: "rejected" }], inserted: [] });
    expect(await d.all("strict")).toEqual([]);
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

  test.each<[string, Fields]>([
    ["a patch", { kind: "patch", set: { n: 1n }, unset: [] }],
    ["a patch that unsets what must be there", { kind: "patch", set: {}, unset: ["n"] }],
    ["a replacement", { kind: "replace", document: {} }],
    ["an insert", { kind: "insert", table: "strict", document: { n: null } }],
  ])("%s that the schema rejects leaves the document as it was", async (_, write) => {
    const d = await deployment();
    const [id] = await d.insert("strict", { n: 1 });
    const range = await claimedRange(d, "strict");
    const row = await range.apply(range.chunk([{ id: id!, expect: { n: 1 }, absent: [], write }]));
    expect(row).toMatchObject({ changed: 0, skipped: [{ id, reason: "rejected" }], inserted: [] });
    expect((await d.all("strict")).map(({ n }) => n)).toEqual([1]);
  });

  // the test runtime stores what is no document in Convex: check_document_size and others in document.rs
  test.skipIf(isTestRuntime).each<[string, Fields]>([
    ["a field of the system's", { _secret: 1 }],
    ["more than 1 MiB", { text: "x".repeat(1 << 20) }],
    ["17 levels", { deep: Array.from({ length: 16 }).reduce<Value>((inner) => [inner], 1) }],
  ])("%s in a document is rejected", async (_, set) => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1 });
    const range = await claimedRange(d);
    const row = await range.apply(range.chunk([patch(id!, {}, set)]));
    expect(row.skipped).toMatchObject([{ id, reason: "rejected" }]);
    expect(await d.get(id!)).toEqual({ n: 1 });
  });

  test.each(["", "x"])("a long reason is cut, but not inside a character", async (before) => {
    const d = await deployment();
    const [id] = await d.insert("strict", { n: 1 });
    const range = await claimedRange(d, "strict");
    const row = await range.apply(range.chunk([patch(id!, {}, { n: before + "\u{1f5fc}".repeat(400) })]));
    const message = row.skipped[0]!.message!;
    expect([299, 300]).toContain(message.length);
    expect([...message].every((character) => character.length === 2 || !/[\ud800-\udfff]/.test(character))).toBe(true);
  });

  test("a chunk that is too large for one transaction says so and changes nothing", async () => {
    const d = await deployment("four writes");
    const ids = await d.insert("users", { n: 1 }, { n: 1 }, { n: 1 });
    const range = await claimedRange(d);
    const more = await d.insert("users", { n: 1 }, { n: 1 });
    const chunk = range.chunk([...ids, ...more].map((id) => patch(id, { n: 1 }, { n: 2 })));
    expect(await refusalCode(range.apply(chunk))).toBe("tooLarge");
    expect((await d.all("users")).map(({ n }) => n)).toEqual([1, 1, 1, 1, 1]);
    const smaller = range.chunk(ids.map((id) => patch(id, { n: 1 }, { n: 2 })));
    expect(await range.apply(smaller)).toMatchObject({ changed: 3 });
  });

  test.each<[string, Fields]>([
    ["inserts", { kind: "insert", table: "users_v2", document: {} }],
    ["deletes", { kind: "delete" }],
    ["replaces", { kind: "replace", document: { n: 2 } }],
  ])("too many %s are too large as well, and the range stays where it was", async (_, write) => {
    const d = await deployment("four writes");
    const ids = [...(await d.insert("users", { n: 1 }, { n: 1 })), ...(await d.insert("users", { n: 1 }, { n: 1 }))];
    const range = await claimedRange(d);
    const all = ids.map((id) => ({ id, expect: { n: 1 }, absent: [], write }));
    expect(await refusalCode(range.apply(range.chunk(all)))).toBe("tooLarge");
    expect(await d.query("readLedger", { run: "r", from: 0, count: 1 })).toMatchObject({
      entries: [{ sequence: 0, position: null, read: 0 }],
    });
    expect((await d.all("users")).map(({ n }) => n)).toEqual([1, 1, 1, 1]);
    expect(await range.apply(range.chunk(all.slice(1)))).toMatchObject({ sequence: 1, changed: 3 });
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
    expect(await refusalCode(range.apply(range.chunk([], { sequence: 2, from: "p", to: "q" })))).toBe("outOfOrder");
    expect(
      await refusalCode(range.apply(range.chunk([], { sequence: 2, from: "p", isDone: true, quarantined: 3 }))),
    ).toBe("outOfOrder");
    expect(await refusalCode(range.apply(range.chunk([], { sequence: 2, from: "p", quarantined: 2 })))).toBe("invalid");

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

  test("what is gone by then is counted as deleted", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 5 });
    const range = await claimedRange(d);
    await range.apply(range.chunk([patch(id!, { n: 1 }, { n: 2 })]));
    await d.remove(id!);
    const row = await range.apply(range.chunk([patch(id!, { n: 5 }, { n: 2 })], { sequence: 2, from: "p", read: 0 }));
    expect(row).toMatchObject({ read: 1, changed: 0, deleted: 1, conflicts: 1, skipped: [{ id, reason: "missing" }] });
  });

  test("reads no more documents, and leaves the end of the range alone", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 5 });
    const range = await claimedRange(d);
    await range.apply(range.chunk([patch(id!, { n: 1 }, { n: 2 })], { isDone: true }));
    const settle = { sequence: 2, from: "p", unchanged: 1, isDone: true };
    expect(await refusalCode(range.apply(range.chunk([], { ...settle, read: 1 })))).toBe("invalid");
    expect(await refusalCode(range.apply(range.chunk([], { ...settle, isDone: false })))).toBe("outOfOrder");
    expect(await range.apply(range.chunk([], settle))).toMatchObject({ isDone: true, skipped: [], unchanged: 1 });
    expect(await refusal(range.apply(range.chunk([], { sequence: 3, from: "p", isDone: true })))).toEqual({
      code: "outOfOrder",
      message:
        "Chunk 3 from 'p' to 'p' does not follow chunk 2, which ended at 'p' with 0 documents to settle and was the last",
    });
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
