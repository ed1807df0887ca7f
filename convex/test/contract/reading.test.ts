import { describe, expect, test } from "vitest";
import { deployment, isTestRuntime, refusalCode } from "./deployment.js";

type Page = { documents: { _id: string }[]; isDone: boolean };

describe("reading", () => {
  test("says which protocol is installed", async () => {
    const d = await deployment();
    expect(await d.query("info", {})).toEqual({ protocol: 2 });
  });

  test("pages from position to position give every document of a range once", async () => {
    const d = await deployment();
    const ids = (await d.insert("users", ...Array.from({ length: 25 }, (_, n) => ({ n })))).sort();
    const seen: string[] = [];
    let after: string | null = ids[2]!;
    for (;;) {
      const page = (await d.query("page", {
        table: "users",
        after,
        through: ids[20]!,
        documents: 4,
        bytes: 1e6,
      })) as Page;
      seen.push(...page.documents.map(({ _id }) => _id));
      if (page.isDone) {
        break;
      }
      after = seen[seen.length - 1]!;
    }
    expect(seen).toEqual(ids.slice(3, 21));
  });

  test("a page has whole documents of its table only", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { n: 1n, "": null, o: { a: [-0, NaN] }, b: new Uint8Array([255]).buffer });
    await d.insert("others", { n: 2 });
    const [document] = await d.all("users");
    expect(
      await d.query("page", { table: "users", after: null, through: null, documents: 9, bytes: 1e6 }),
    ).toStrictEqual({ documents: [document], isDone: true });
    expect(document).toStrictEqual({
      _id: id,
      _creationTime: expect.any(Number),
      n: 1n,
      "": null,
      o: { a: [-0, NaN] },
      b: new Uint8Array([255]).buffer,
    });
  });

  test("the first id does not belong to a range, the last one does", async () => {
    const d = await deployment();
    const ids = (await d.insert("users", {}, {}, {})).sort();
    const read = async (after: string | null, through: string | null) =>
      ((await d.query("page", { table: "users", after, through, documents: 9, bytes: 1e6 })) as Page).documents.map(
        ({ _id }) => ids.indexOf(_id),
      );
    expect(await read(null, ids[0]!)).toEqual([0]);
    expect(await read(ids[0]!, ids[1]!)).toEqual([1]);
    expect(await read(ids[1]!, null)).toEqual([2]);
    expect(await read(ids[1]!, ids[1]!)).toEqual([]);
    expect(await read(ids[2]!, ids[0]!)).toEqual([]);
    expect(await read(null, null)).toEqual([0, 1, 2]);
  });

  test("a table that does not exist is empty", async () => {
    const d = await deployment();
    const all = { table: "nowhere", after: null, through: null, documents: 9 };
    expect(await d.query("page", { ...all, bytes: 1e6 })).toEqual({ documents: [], isDone: true });
    expect(await d.query("count", all)).toEqual({ documents: 0, position: null, isDone: true });
  });

  // the test runtime takes them all: Convex reads the maxima as whole numbers and refuses 0 (async_syscall.rs)
  test
    .skipIf(isTestRuntime)
    .each([{ documents: 0 }, { documents: -1 }, { documents: 1.5 }, { bytes: 0 }, { bytes: -1 }, { bytes: 1.5 }])(
    "a page of at most %o is refused",
    async (wrong) => {
      const d = await deployment();
      await d.insert("users", {});
      await expect(
        d.query("page", { table: "users", after: null, through: null, documents: 9, bytes: 9, ...wrong }),
      ).rejects.toThrow(/Server Error/);
    },
  );

  // Convex has not looked yet whether another document follows (query_page in async_syscall.rs); the test runtime has
  test.skipIf(isTestRuntime)("a page that is exactly full is not known to be the last", async () => {
    const d = await deployment();
    await d.insert("users", {}, {});
    const page = { table: "users", after: null, through: null, bytes: 1e6 };
    expect(await d.query("page", { ...page, documents: 2 })).toMatchObject({ isDone: false });
    expect(await d.query("page", { ...page, documents: 3 })).toMatchObject({ isDone: true });
  });

  test("more documents than one transaction may read are too large", async () => {
    const d = await deployment();
    const ids: string[] = [];
    while (ids.length < 4100) {
      ids.push(...(await d.insert("users", ...Array.from({ length: 1025 }, () => ({})))));
    }
    expect(await refusalCode(d.query("documents", { ids }))).toBe("tooLarge");
    expect(await d.query("documents", { ids: ids.slice(5) })).toHaveLength(4095);
  });

  test("a page ends when its bytes are used up, with at least one document", async () => {
    const d = await deployment();
    await d.insert("users", ...Array.from({ length: 5 }, () => ({ text: "x".repeat(1000) })));
    const page = (await d.query("page", {
      table: "users",
      after: null,
      through: null,
      documents: 5,
      bytes: 1500,
    })) as Page;
    expect(page.documents.length).toBe(2);
    expect(page.isDone).toBe(false);
    const least = (await d.query("page", {
      table: "users",
      after: null,
      through: null,
      documents: 5,
      bytes: 1,
    })) as Page;
    expect(least.documents.length).toBe(1);
  });

  test("documents are read by id, and null for those that are gone", async () => {
    const d = await deployment();
    const ids = await d.insert("users", { n: 1 }, { n: 2 });
    await d.remove(ids[0]!);
    const found = (await d.query("documents", { ids })) as ({ n: number } | null)[];
    expect(found.map((document) => document?.n ?? null)).toEqual([null, 2]);
  });

  test("documents of no ids are none, and what is no id fails", async () => {
    const d = await deployment();
    expect(await d.query("documents", { ids: [] })).toEqual([]);
    // the test runtime knows no difference between an id and any other text
    if (!isTestRuntime) {
      await expect(d.query("documents", { ids: ["nonsense"] })).rejects.toThrow(/Server Error/);
    }
  });

  test("counts a range", async () => {
    const d = await deployment();
    const ids = (await d.insert("users", {}, {}, {}, {})).sort();
    expect(await d.query("count", { table: "users", after: ids[0]!, through: ids[2]!, documents: 5 })).toEqual({
      documents: 2,
      position: ids[2],
      isDone: true,
    });
    expect(await d.query("count", { table: "users", after: ids[3]!, through: null, documents: 5 })).toEqual({
      documents: 0,
      position: null,
      isDone: true,
    });
  });

  test("counts in steps", async () => {
    const d = await deployment();
    const ids = (await d.insert("users", ...Array.from({ length: 7 }, (_, n) => ({ n })))).sort();
    const first = await d.query("count", { table: "users", after: null, through: null, documents: 5 });
    expect(first).toEqual({ documents: 5, position: ids[4], isDone: false });
    const rest = await d.query("count", { table: "users", after: ids[4]!, through: null, documents: 5 });
    expect(rest).toEqual({ documents: 2, position: ids[6], isDone: true });
  });
});
