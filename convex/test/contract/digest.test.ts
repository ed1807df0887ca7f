import { describe, expect, test } from "vitest";
import { deployment, type Deployment, type Fields } from "./deployment.js";

type Part = { documents: number; digest: string };
type Digests = { parts: Part[]; each: { id: string; digest: string }[]; position: string | null; isDone: boolean };

const ALL = { table: "users", after: null, through: null, ends: [], fields: null, documents: 100, bytes: 1e6 };

async function digest(d: Deployment, args: Fields = {}): Promise<Digests> {
  return (await d.query("digest", { ...ALL, each: false, ...args })) as Digests;
}

async function contentOf(d: Deployment, fields: Fields): Promise<string> {
  const ids = await d.insert("users", fields);
  return ((await d.query("contents", { ids })) as string[])[0]!;
}

describe("digests", () => {
  test("are the same wherever they are computed", async () => {
    const d = await deployment();
    expect(await contentOf(d, {})).toBe("d1caa68709040dbb");
    expect(
      await contentOf(d, {
        name: "Zoë 🎈",
        n: 1,
        i: -5n,
        zero: -0,
        nan: NaN,
        none: null,
        yes: true,
        bytes: new Uint8Array([0, 200]).buffer,
        list: [1, "1", [false]],
        object: { b: 2, a: "x" },
      }),
    ).toBe("4f4ed89a46efe200");
  });

  test("tell values apart as Convex does", async () => {
    const d = await deployment();
    const values: Fields[string][] = [0, -0, 0n, "0", "", null, false, true, [], {}, [0], { a: 0 }, NaN, Infinity];
    values.push(new ArrayBuffer(0), new ArrayBuffer(1), "ab", "ba", ["a", "b"], ["ab"], { a: "b" }, { b: "a" }, 1e21);
    const documents: Fields[] = [...values.map((value) => ({ value })), { other: 0 }, {}];
    const ids = await d.insert("users", ...documents);
    const contents = (await d.query("contents", { ids })) as string[];
    expect(new Set(contents).size).toBe(documents.length);
  });

  test("do not depend on the order of fields", async () => {
    const d = await deployment();
    expect(await contentOf(d, { a: 1, b: { c: 2, d: 3 } })).toBe(await contentOf(d, { b: { d: 3, c: 2 }, a: 1 }));
  });

  test("are added up for each part", async () => {
    const d = await deployment();
    const ids = (await d.insert("users", ...Array.from({ length: 9 }, (_, n) => ({ n })))).sort();
    const { parts, each, position, isDone } = await digest(d, { ends: [ids[1]!, ids[6]!], each: true });
    expect(parts.map(({ documents }) => documents)).toEqual([2, 5, 2]);
    expect(each.map(({ id }) => id)).toEqual(ids);
    const sum = (digests: string[], from: number) =>
      digests.reduce((all, text) => (all + parseInt(text.slice(from, from + 8), 16)) % 2 ** 32, 0);
    const middle = each.slice(2, 7).map((one) => one.digest);
    expect([0, 8].map((from) => sum(middle, from))).toEqual(
      [0, 8].map((from) => parseInt(parts[1]!.digest.slice(from, from + 8), 16)),
    );
    expect({ position, isDone }).toEqual({ position: ids[8], isDone: true });
  });

  test("end with the budget", async () => {
    const d = await deployment();
    const ids = (await d.insert("users", {}, {}, {}, {})).sort();
    const first = await digest(d, { ends: [ids[0]!, ids[2]!], documents: 2 });
    expect(first.parts.map(({ documents }) => documents)).toEqual([1, 1, 0]);
    expect(first.isDone).toBe(false);
    const rest = await digest(d, { after: first.position, ends: [ids[2]!] });
    expect(rest.parts.map(({ documents }) => documents)).toEqual([1, 1]);
  });

  test("are only of the fields that count", async () => {
    const d = await deployment();
    const [id] = await d.insert("users", { a: 1, b: 2 });
    const ofA = (await digest(d, { fields: ["a", "c"] })).parts;
    await d.patch(id!, { b: 3 });
    expect((await digest(d, { fields: ["a", "c"] })).parts).toEqual(ofA);
    await d.patch(id!, { c: 3 });
    expect((await digest(d, { fields: ["a", "c"] })).parts).not.toEqual(ofA);
  });

  test("of nothing are zero", async () => {
    const d = await deployment();
    expect(await digest(d, { table: "nowhere" })).toEqual({
      parts: [{ documents: 0, digest: "0000000000000000" }],
      each: [],
      position: null,
      isDone: true,
    });
    const [id] = await d.insert("users", {});
    await d.remove(id!);
    expect(await d.query("contents", { ids: [id!] })).toEqual([null]);
  });
});
