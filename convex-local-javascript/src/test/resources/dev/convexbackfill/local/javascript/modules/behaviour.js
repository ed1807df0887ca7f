/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
import { action, mutation, query, ConvexError } from "./_deps/functions.js";

let calls = 0;
const importedVariable = process.env.AT_IMPORT ?? null;

export const countsCalls = query(async () => ++calls);
export const throwsError = query(async () => {
  throw new TypeError("it went wrong");
});
export const throwsConvexError = query(async () => {
  throw new ConvexError({ code: "no" });
});
export const throwsText = query(async () => {
  throw "only text";
});
export const neverSettles = query(() => new Promise(() => {}));
export const rejectsUnheard = query(async () => {
  Promise.reject(new RangeError("unheard"));
  await null;
  return 1;
});
export const handlesLate = query(async () => {
  const rejected = Promise.reject(new Error("heard"));
  await null;
  return await rejected.catch((error) => error.message);
});
export const logs = query(async () => {
  console.log("text", 1, { a: [1, "it's"], b: { c: null } }, undefined, 5n);
  console.warn([{ n: 1 }], new Error("bad"), new Map([["k", 1]]));
  console.error("line\nbreak");
});
export const timeAndChance = query(async () => {
  const now = Date.now();
  for (let i = 0; i < 10000; i++);
  await null;
  return {
    still: now === Date.now() && +new Date() === now,
    chance: [Math.random(), Math.random()],
    uuid: crypto.randomUUID(),
  };
});
export const variables = query(async () => ({
  importedVariable,
  now: process.env.WHEN_CALLED ?? null,
  names: Object.keys(process.env),
  isIn: "WHEN_CALLED" in process.env,
}));
export const waits = action(async () => {
  const started = Date.now();
  const order = [];
  await Promise.all([
    new Promise((done) => setTimeout(done, 40)).then(() => order.push("late")),
    new Promise((done) => setTimeout(done, 5)).then(() => order.push("early")),
  ]);
  return { order, passed: Date.now() > started };
});
export const waitsInVain = mutation(async () => {
  setTimeout(() => {}, 1);
});
export const fetches = action(async () => await fetch("http://127.0.0.1/"));
export const orchestrates = action(async ({ callAsync }) => {
  const [id] = await callAsync("actions/mutation", {
    name: "database:insertAll",
    args: { table: "items", values: [{ n: 3 }] },
    requestId: "r",
  });
  const items = await callAsync("actions/query", { name: "database:all", args: { table: "items" }, requestId: "r" });
  const passed = await callAsync("actions/action", { name: "behaviour:waits", args: {}, requestId: "r" });
  return { same: items[0]._id === id, order: passed.order };
});
export default query(async () => "the default");
