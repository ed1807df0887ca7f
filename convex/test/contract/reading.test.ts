import { describe, expect, test } from "vitest";
import { deployment } from "./deployment.js";

type Page = { documents: { _id: string }[]; isDone: boolean };

describe("reading", () => {
  test("says which protocol is installed", async () => {
    const d = await deployment();
    expect(await d.query("info", {})).toEqual({ protocol: 1 });
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

  test("counts in steps", async () => {
    const d = await deployment();
    const ids = (await d.insert("users", ...Array.from({ length: 7 }, (_, n) => ({ n })))).sort();
    const first = await d.query("count", { table: "users", after: null, through: null, documents: 5 });
    expect(first).toEqual({ documents: 5, position: ids[4], isDone: false });
    const rest = await d.query("count", { table: "users", after: ids[4]!, through: null, documents: 5 });
    expect(rest).toEqual({ documents: 2, position: ids[6], isDone: true });
  });
});
