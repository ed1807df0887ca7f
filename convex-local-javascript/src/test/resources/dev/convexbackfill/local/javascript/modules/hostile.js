/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
import { mutation, query } from "./_deps/functions.js";

const attempt = async (escape) => {
  try {
    return String(await escape());
  } catch (error) {
    return error instanceof Error ? "refused" : "thrown " + error;
  }
};

export const escapes = query(async () => ({
  javaType: typeof Java,
  polyglotType: typeof Polyglot,
  graalType: typeof Graal,
  packagesType: typeof Packages,
  loadType: typeof load,
  file: await attempt(() => import("file:///etc/passwd")),
  absolute: await attempt(() => import("/etc/passwd")),
  relative: await attempt(() => import("../../../etc/passwd")),
  builtin: await attempt(() => import("fs")),
  node: await attempt(() => import("node:child_process")),
  data: await attempt(() => import("data:text/javascript,export default 1")),
  network: await attempt(() => fetch("http://127.0.0.1/")),
  changedVariable: await attempt(() => {
    "use strict";
    process.env.PATH = "mine";
  }),
}));
export const hostObjects = query(async () => {
  const seen = new Set();
  const found = [];
  const look = (value, path) => {
    if (
      (typeof value !== "object" && typeof value !== "function") ||
      value === null ||
      seen.has(value) ||
      path.length > 6
    )
      return;
    seen.add(value);
    if (typeof value.getClass === "function" || typeof value.class === "object") found.push(path.join("."));
    for (const name of Reflect.ownKeys(value)) {
      try {
        look(Object.getOwnPropertyDescriptor(value, name)?.value, [...path, String(name)]);
      } catch {
        // some can't be looked at
      }
    }
    look(Object.getPrototypeOf(value), [...path, "__proto__"]);
  };
  look(globalThis, ["globalThis"]);
  return { found, seen: seen.size > 500 };
});
/** Spoils what the environment may rely on, in this context only. */
export const spoils = query(async () => {
  Array.prototype.push = () => {
    throw new Error("spoiled");
  };
  Object.prototype.getClass = () => "mine";
  Error.prototype.toString = () => {
    throw new Error("spoiled");
  };
  throw {
    get name() {
      throw new Error("deep");
    },
  };
});
export const loops = mutation(async ({ callAsync }) => {
  await callAsync("insert", { table: "items", value: { n: -2 } });
  while (true) {
    try {
      for (;;);
    } catch {
      // not even this
    } finally {
      continue;
    }
  }
});
export const loopsInMicrotasks = query(async () => {
  while (true) await null;
});
export const matchesForEver = query(async () => /^(a+)+$/.test("a".repeat(40) + "!"));
export const hoards = query(async () => {
  const hoard = [];
  while (true) hoard.push(new Array(1000).fill(hoard.length));
});
export const hoardsText = query(async () => {
  let text = "x";
  const hoard = [];
  while (true) {
    text = text.length < 1 << 24 ? text + text : text;
    hoard.push(text.toUpperCase().split(""));
  }
});
export const asksForTooMuch = query(async () => {
  const refused = [];
  for (const ask of [() => new ArrayBuffer(2 ** 31 - 8), () => "x".repeat(2 ** 28), () => new Uint8Array(2 ** 30)]) {
    try {
      ask();
    } catch (error) {
      refused.push(error.name);
    }
  }
  return refused;
});
export const recurses = query(async () => {
  const down = (n) => down(n + 1) + 1;
  return down(0);
});
export const recursesIntoSyscalls = query(async ({ call }) => {
  const down = () => {
    call("db/normalizeId", { table: "items", idString: "x" });
    return down() + 1;
  };
  return down();
});
export const parsesDeep = query(async () => JSON.parse("[".repeat(200000)).length);
