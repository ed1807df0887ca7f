/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
import { internalQuery, mutation, query, ConvexError } from "./_deps/functions.js";

const scan = (tableName, order = null) => ({ type: "FullTableScan", tableName, order });
const collect = async ({ call, callAsync }, source, operators = []) => {
  const { queryId } = call("queryStream", { query: { source, operators } });
  const found = [];
  for (
    let next = await callAsync("queryStreamNext", { queryId });
    !next.done;
    next = await callAsync("queryStreamNext", { queryId })
  ) {
    found.push(next.value);
  }
  return { found, cleaned: [call("queryCleanup", { queryId }), call("queryCleanup", { queryId })] };
};

export const syscall = query(async ({ call }, { op, args }) => call(op, args));
export const asyncSyscall = query(async ({ callAsync }, { op, args }) => await callAsync(op, args));
export const write = mutation(async ({ callAsync }, { op, args }) => await callAsync(op, args));
export const hidden = internalQuery(async () => "hidden");
export const read = query(async (ctx, { source, operators }) => await collect(ctx, source, operators));
export const all = query(async (ctx, { table }) => (await collect(ctx, scan(table))).found);

export const typed = query(
  async () => "a text",
  { type: "object", value: { n: { fieldType: { type: "number" }, optional: false } } },
  { type: "number" },
);

/** Removes a field, sets another. */
export const patch = mutation(async ({ callAsync }, { id }) => {
  await callAsync("shallowMerge", { id, value: { old: { $undefined: null }, fresh: { $integer: "AQAAAAAAAAA=" } } });
});

export const replaceAndRemove = mutation(async (ctx, { replaced, removed }) => {
  await ctx.callAsync("replace", { id: replaced, value: { n: 99 } });
  await ctx.callAsync("remove", { id: removed });
  return (await collect(ctx, scan("items"))).found.map((item) => item.n);
});

export const insertAll = mutation(async ({ callAsync }, { table, values }) => {
  const inserted = await Promise.all(values.map((value) => callAsync("insert", { table, value })));
  return inserted.map(({ _id }) => _id);
});

export const insertAndFail = mutation(async ({ callAsync }) => {
  await callAsync("insert", { table: "items", value: { n: -1 } });
  throw new ConvexError({ code: "no", n: { $integer: "AQAAAAAAAAA=" } });
});

/** The nested mutation's write is undone, this one's stays. */
export const nested = mutation(async ({ callAsync }) => {
  await callAsync("insert", { table: "items", value: { n: 1 } });
  try {
    await callAsync("runUdf", { udfType: "mutation", name: "database:insertAndFail", args: {} });
    return "no error";
  } catch (error) {
    return { message: error.message, data: error.data };
  }
});

export const calls = query(
  async ({ callAsync }, { udfType, name }) => await callAsync("runUdf", { udfType, name, args: {} }),
);
export const byHandle = query(async ({ callAsync }) => {
  const functionHandle = await callAsync("createFunctionHandle", { name: "database:hidden" });
  return await callAsync("runUdf", { udfType: "query", functionHandle, args: {} });
});
export const recurse = query(async ({ callAsync }, { depth }) =>
  depth === 0
    ? 0
    : 1 + (await callAsync("runUdf", { udfType: "query", name: "database:recurse", args: { depth: depth - 1 } })),
);

/** Writes that nobody awaits happen all the same. */
export const forgetful = mutation(async ({ callAsync }) => {
  callAsync("insert", { table: "items", value: { n: 7 } });
});
