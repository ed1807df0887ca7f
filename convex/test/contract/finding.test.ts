import type { Value } from "convex/values";
import { describe, expect, test } from "vitest";
import { deployment, isTestRuntime, type Deployment, type Fields } from "./deployment.js";

type Found = { ids: string[]; cursor: string; isDone: boolean };

const ALL = { table: "places", index: "by_country", equals: [], cursor: null, documents: 100, bytes: 1e6 };

/** In the order of the index: a missing field comes first, then null, int64, numbers, and texts by their UTF-8 bytes. */
const SIZES: (Value | undefined)[] = [
  undefined,
  null,
  -5n,
  7n,
  -Infinity,
  -0,
  0,
  3,
  NaN,
  false,
  true,
  "",
  "\uFFFD",
  "😀",
];

async function places(d: Deployment, country: Value | undefined, sizes = SIZES): Promise<string[]> {
  const of = (size: Value | undefined): Fields => ({ country, facts: (size === undefined ? {} : { size }) as Value });
  // not in the order of the index
  const ids = await d.insert(
    "places",
    ...[...sizes].reverse().map((size) => (country === undefined ? { facts: of(size).facts } : of(size))),
  );
  return ids.reverse();
}

async function find(d: Deployment, args: Fields): Promise<string[]> {
  const found: string[] = [];
  let page: Found = { ids: [], cursor: "", isDone: false };
  for (let cursor: string | null = null; !page.isDone; cursor = page.cursor) {
    page = (await d.query("find", { ...ALL, documents: 4, cursor, ...args })) as Found;
    found.push(...page.ids);
  }
  return found;
}

describe("finding", () => {
  test("ids come in the order of the index, each once", async () => {
    const d = await deployment();
    const paris = await places(d, "FR");
    const none = await places(d, undefined);
    expect(await find(d, {})).toEqual([...none, ...paris]);
  });

  test("a part of the index has equal fields, and bounds of the next", async () => {
    const d = await deployment();
    await places(d, "DE");
    const ids = await places(d, "FR");
    const none = await places(d, undefined);
    const of = (...values: (Value | undefined)[]) =>
      values.map((value) => ids[SIZES.findIndex((size) => Object.is(size, value))]!);
    const size = (value: Value | undefined, inclusive: boolean): Value =>
      (value === undefined ? { field: "facts.size", inclusive } : { field: "facts.size", value, inclusive }) as Value;
    const equals = [{ field: "country", value: "FR" }];

    expect(await find(d, { equals })).toEqual(ids);
    expect(await find(d, { equals: [{ field: "country" }] })).toEqual(none);
    expect(await find(d, { equals: [...equals, { field: "facts.size", value: 7n }] })).toEqual(of(7n));
    expect(await find(d, { equals, lower: size(-0, true), upper: size(3, true) })).toEqual(of(-0, 0, 3));
    expect(await find(d, { equals, lower: size(-0, false), upper: size(3, false) })).toEqual(of(0));
    expect(await find(d, { equals, lower: size("\uFFFD", false) })).toEqual(of("😀"));
    expect(await find(d, { equals, upper: size(null, false) })).toEqual(of(undefined));
    expect(await find(d, { equals, lower: size(undefined, false), upper: size(-5n, true) })).toEqual(of(null, -5n));
    expect(await find(d, { equals, lower: size(3, true), upper: size(0, true) })).toEqual([]);
  });

  test("documents are found by the time of their creation", async () => {
    const d = await deployment();
    const ids = await d.insert("users", { n: 0 }, { n: 1 }, { n: 2 }, { n: 3 });
    const times = (await d.all("users")).map(({ _creationTime }) => _creationTime!);
    const time = (value: Value, inclusive: boolean): Value => ({ field: "_creationTime", value, inclusive });
    const by = { table: "users", index: "by_creation_time" };
    expect(await find(d, { ...by, lower: time(times[1]!, true), upper: time(times[3]!, false) })).toEqual(
      ids.slice(1, 3),
    );
    expect(await find(d, { ...by, upper: time(times[0]!, true) })).toEqual(ids.slice(0, 1));
    expect(await find(d, { ...by, lower: time(times[3]!, false) })).toEqual([]);
  });

  test("a page ends when its bytes are used up", async () => {
    const d = await deployment();
    await d.insert("places", ...Array.from({ length: 5 }, () => ({ country: "x".repeat(1000) })));
    expect(((await d.query("find", { ...ALL, bytes: 1500 })) as Found).ids).toHaveLength(2);
  });

  test("what is changed meanwhile moves, and the search goes on at its place", async () => {
    const d = await deployment();
    const ids = await places(d, "FR", [1, 2, 3, 4]);
    const first = (await d.query("find", { ...ALL, documents: 2 })) as Found;
    await d.patch(ids[0]!, { facts: { size: 9 } });
    await d.remove(ids[2]!);
    const rest = (await d.query("find", { ...ALL, cursor: first.cursor })) as Found;
    expect(first.ids).toEqual(ids.slice(0, 2));
    expect(rest.ids).toEqual([ids[3], ids[0]]);
  });

  // the test runtime names them otherwise: Convex's messages are in index_range.rs and index_registry.rs
  test.skipIf(isTestRuntime)("an index that is not there, or has other fields, is refused", async () => {
    const d = await deployment();
    await places(d, "FR");
    await expect(d.query("find", { ...ALL, index: "by_town" })).rejects.toThrow(/Server Error/);
    await expect(d.query("find", { ...ALL, equals: [{ field: "town", value: "Nice" }] })).rejects.toThrow(
      /Server Error/,
    );
    await expect(d.query("find", { ...ALL, equals: [{ field: "facts.size", value: 1 }] })).rejects.toThrow(
      /Server Error/,
    );
  });
});
