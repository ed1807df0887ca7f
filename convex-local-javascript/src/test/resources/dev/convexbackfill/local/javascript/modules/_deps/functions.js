/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// What the Convex library makes of functions, as little as will do: handlers get syscalls in place of ctx.
const call = (op, args = {}) => JSON.parse(Convex.syscall("1.0/" + op, JSON.stringify(args)));
const callAsync = async (op, args = {}) => JSON.parse(await Convex.asyncSyscall("1.0/" + op, JSON.stringify(args)));

const make = (kind, visibility, handler, args, returns) => {
  const run = async (text) => JSON.stringify((await handler({ call, callAsync }, JSON.parse(text)[0])) ?? null);
  const made = () => {};
  made["is" + kind] = true;
  made["is" + visibility] = true;
  made["invoke" + kind] = kind === "Action" ? (requestId, text) => run(text) : run;
  made.exportArgs = () => JSON.stringify(args ?? { type: "any" });
  made.exportReturns = () => JSON.stringify(returns ?? { type: "any" });
  return made;
};

export const query = (handler, args, returns) => make("Query", "Public", handler, args, returns);
export const mutation = (handler, args, returns) => make("Mutation", "Public", handler, args, returns);
export const action = (handler, args, returns) => make("Action", "Public", handler, args, returns);
export const internalQuery = (handler, args, returns) => make("Query", "Internal", handler, args, returns);

export class ConvexError extends Error {
  name = "ConvexError";
  constructor(data) {
    super(JSON.stringify(data));
    this.data = JSON.stringify(data);
    this[Symbol.for("ConvexError")] = true;
  }
}
