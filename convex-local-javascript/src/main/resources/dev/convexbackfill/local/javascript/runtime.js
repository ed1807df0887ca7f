/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// What there is of timers, the process, syscalls, and what the host calls.
(function (host, shared) {
  "use strict";
  const { define, hasEffects, inspect, beginTime, forgetTimers } = shared;
  const g = globalThis;

  // ---- timers, of actions only ----
  let timers = new Map();
  let lastTimer = 0;
  const denied = (what) => {
    throw new Error(
      `Can't use ${what} in queries and mutations. Please consider using an action. See https://docs.convex.dev/functions/actions for more details.`,
    );
  };
  const schedule = (call, millis, again) => {
    const number = ++lastTimer;
    timers.set(number, { call, again: again ? Math.max(1, millis) : null });
    host.timer(number, millis);
    return number;
  };
  const timer = (name, again) =>
    function (call, millis = 0, ...args) {
      if (!hasEffects()) denied(name);
      if (typeof call !== "function") throw new TypeError("The callback is not a function");
      return schedule(() => call(...args), Number(millis) || 0, again);
    };
  define("setTimeout", timer("setTimeout", false));
  define("setInterval", timer("setInterval", true));
  const clear = (number) => void timers.delete(Number(number));
  define("clearTimeout", clear);
  define("clearInterval", clear);
  define("queueMicrotask", function queueMicrotask(call) {
    if (typeof call !== "function") throw new TypeError("The callback is not a function");
    Promise.resolve().then(call);
  });
  define("fetch", async function fetch() {
    if (!hasEffects()) denied("fetch()");
    throw new Error("A local deployment has no network: fetch() is not available");
  });

  // ---- the process ----
  const variable = (name) => {
    if (typeof name !== "string") return undefined;
    const value = host.variable(name);
    return value === "" ? undefined : value.slice(1);
  };
  const readOnly = () => {
    throw new TypeError("Environment variables can't be changed by a function");
  };
  const env = new Proxy(Object.create(null), {
    get: (_, name) => variable(name),
    has: (_, name) => variable(name) !== undefined,
    ownKeys: () => JSON.parse(host.variables()),
    getOwnPropertyDescriptor: (_, name) => {
      const value = variable(name);
      return value === undefined ? undefined : { value, enumerable: true, configurable: true, writable: false };
    },
    set: readOnly,
    defineProperty: readOnly,
    deleteProperty: readOnly,
  });
  define("process", { env });
  define("self", g);
  define("global", g);
  define("navigator", { userAgent: "Convex/1.0", language: "en-US", onLine: true });

  /** Follows calls, not promises: behind an await the store is gone. */
  define(
    "AsyncLocalStorage",
    class AsyncLocalStorage {
      #store;
      run(store, call, ...args) {
        const outer = this.#store;
        this.#store = store;
        try {
          return call(...args);
        } finally {
          this.#store = outer;
        }
      }
      exit(call, ...args) {
        return this.run(undefined, call, ...args);
      }
      getStore() {
        return this.#store;
      }
      enterWith(store) {
        this.#store = store;
      }
      disable() {
        this.#store = undefined;
      }
    },
  );
  define(
    "AsyncResource",
    class AsyncResource {
      runInAsyncScope(call, self, ...args) {
        return call.apply(self, args);
      }
    },
  );

  // ---- syscalls; answers are "+json", "-message", or "!data" and a zero and the message ----
  let waiting = [];
  const failure = (answer) => {
    if (answer[0] === "-") return new Error(answer.slice(1));
    const zero = answer.indexOf("\u0000");
    const error = new Error(answer.slice(zero + 1));
    error.data = JSON.parse(answer.slice(1, zero));
    return error;
  };
  define(
    "Convex",
    Object.freeze({
      syscall(operation, args) {
        const answer = host.sync(String(operation), String(args));
        if (answer[0] === "+") return answer.slice(1);
        throw failure(answer);
      },
      asyncSyscall(operation, args) {
        return new Promise((resolve, reject) => {
          waiting.push(resolve, reject);
          host.submit(String(operation), String(args));
        });
      },
      jsSyscall(operation) {
        throw new Error(`${operation} is not supported by a local deployment`);
      },
    }),
  );

  // ---- what the host calls ----
  const fail = (thrown) => {
    const isObject = typeof thrown === "object" && thrown !== null;
    const isError = isObject && thrown instanceof Error;
    let message;
    try {
      message = isError ? `${thrown.name}: ${thrown.message}` : inspect(thrown);
    } catch {
      message = "Error";
    }
    const isConvexError = isObject && Symbol.for("ConvexError") in thrown;
    const data = isConvexError && typeof thrown.data === "string" ? thrown.data : null;
    const stack = isError && typeof thrown.stack === "string" ? thrown.stack : "";
    const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
    host.settled(false, String(message), data, frames.join("\n"));
  };
  shared.fail = fail;
  const attempt = (call) => {
    try {
      call();
    } catch (thrown) {
      fail(thrown);
    }
  };
  return {
    /** Before each call and each import. */
    begin(millis, low, high, effects) {
      beginTime(millis, low, high, effects);
      forgetTimers();
      waiting = [];
      timers = new Map();
    },
    /** Returns an object that has the module once it is loaded. */
    load(path, importer) {
      const loaded = { module: undefined };
      importer(path).then((module) => {
        loaded.module = module;
        host.settled(true, null);
      }, fail);
      return loaded;
    },
    invoke(module, name, method, args) {
      attempt(() => {
        const declared = module[name];
        const called = method === "invokeAction" ? declared.invokeAction("local", args) : declared[method](args);
        called.then((json) => host.settled(true, json), fail);
      });
    },
    /** Answers the oldest syscalls, in order. */
    settle(...answers) {
      const due = waiting.splice(0, answers.length * 2);
      answers.forEach((answer, i) => {
        if (answer[0] === "+") due[2 * i](answer.slice(1));
        else due[2 * i + 1](failure(answer));
      });
    },
    /** Runs timers. */
    fire(...numbers) {
      for (const number of numbers) {
        const due = timers.get(number);
        if (due === undefined) continue;
        if (due.again === null) timers.delete(number);
        else host.timer(number, due.again);
        attempt(due.call);
      }
    },
    /** Settles with what a module exports that Convex knows, as JSON. */
    analyze(module) {
      attempt(() => {
        const described = Object.keys(module).map((name) => describe(name, module[name]));
        host.settled(true, JSON.stringify(described.filter((each) => each !== null)));
      });
    },
  };

  function describe(name, value) {
    if (name === "default" && typeof value === "object" && value !== null) {
      if (value.isRouter)
        return { name, kind: "router", routes: value.getRoutes().map(([path, method]) => method + " " + path) };
      if (value.isCrons) return { name, kind: "crons", crons: Object.keys(JSON.parse(value.export())) };
      return typeof value.export === "function" ? { name, kind: "schema", schema: value.export() } : null;
    }
    if (typeof value !== "function") return null;
    const kind = ["query", "mutation", "action"].find((each) => value["is" + each[0].toUpperCase() + each.slice(1)]);
    if (kind === undefined || !(value.isPublic || value.isInternal))
      return value.isHttp ? { name, kind: "httpAction" } : null;
    return {
      name,
      kind,
      visibility: value.isInternal ? "internal" : "public",
      args: value.exportArgs?.() ?? '{"type":"any"}',
      returns: value.exportReturns?.() ?? '{"type":"any"}',
    };
  }
});
