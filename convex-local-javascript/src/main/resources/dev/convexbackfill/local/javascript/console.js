/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// console: log lines as Convex writes them.
(function (host, shared) {
  "use strict";
  const { define, clock } = shared;
  const MAX_DEPTH = 5;
  const MAX_STRING = 32768;
  const ESCAPES = { "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f" };
  const escape = (c) => ESCAPES[c] ?? "\\x" + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
  const quote = (s) => {
    const rest = s.length - MAX_STRING;
    return rest > 0
      ? `${quote(s.slice(0, MAX_STRING))}... ${rest} more character${rest > 1 ? "s" : ""}`
      : "'" + s.replace(/[\\'\x00-\x1f]/g, escape) + "'";
  };
  const block = (open, lines, close, depth) => {
    const margin = "\n" + "  ".repeat(depth);
    return open + margin + "  " + lines.join("," + margin + "  ") + margin + close;
  };

  /** A value on one line, or on several if it has parts that are objects. */
  function inspect(x, depth = 0, seen = []) {
    if (typeof x === "string") return quote(x);
    if (typeof x === "bigint") return x + "n";
    if (Object.is(x, -0)) return "-0";
    if (typeof x === "symbol") return x.toString();
    if (typeof x === "function")
      return `[Function${x.name ? ": " + x.name : " (anonymous)"}]` + fieldsAfter(x, depth, seen);
    if (typeof x !== "object" || x === null) return String(x);
    if (seen.includes(x)) return "[Circular]";
    if (depth > MAX_DEPTH) return Array.isArray(x) ? "[Array]" : "[Object]";
    const inner = [...seen, x];
    const sub = (y) => inspect(y, depth + 1, inner);
    if (Array.isArray(x)) return array(x, sub, depth);
    if (x instanceof Error) return "[" + String(x) + "]" + fieldsAfter(x, depth, seen);
    if (x instanceof Map)
      return collection(
        "Map",
        [...x].map(([k, v]) => sub(k) + " => " + sub(v)),
        depth,
      );
    if (x instanceof Set) return collection("Set", [...x].map(sub), depth);
    if (x instanceof Date || x instanceof RegExp) return String(x);
    const lines = fields(x, sub);
    const name = Object.getPrototypeOf(x) === null ? "[Object: null prototype] " : constructorName(x);
    return name + (lines.length === 0 ? "{}" : block("{", lines, "}", depth));
  }
  function constructorName(x) {
    const name = typeof x.constructor === "function" ? x.constructor.name : "";
    return name && name !== "Object" ? name + " " : "";
  }
  const fields = (x, sub) => Object.keys(x).map((key) => (/[^\w$]/.test(key) ? quote(key) : key) + ": " + sub(x[key]));
  function fieldsAfter(x, depth, seen) {
    const lines = fields(x, (y) => inspect(y, depth + 1, [...seen, x]));
    return lines.length === 0 ? "" : " { " + lines.join(", ") + " }";
  }
  function array(x, sub, depth) {
    const lines = Array.from(x, sub);
    if (lines.length === 0) return "[]";
    return lines.some((line) => line.includes("\n")) ? block("[", lines, "]", depth) : "[ " + lines.join(", ") + " ]";
  }
  const collection = (type, lines, depth) =>
    `${type} (${lines.length}) ` + (lines.length === 0 ? "{}" : block("{", lines, "}", depth));

  const safely = (x) => {
    try {
      return inspect(x);
    } catch {
      return "[Object]";
    }
  };
  const line = (level, args) => host.log(level, args.map(safely).join(" "));
  const timers = new Map();
  const passed = (label) => `${label}: ${clock() - (timers.get(label) ?? clock())}ms`;
  define("console", {
    debug: (...args) => line("DEBUG", args),
    log: (...args) => line("LOG", args),
    info: (...args) => line("INFO", args),
    warn: (...args) => line("WARN", args),
    error: (...args) => line("ERROR", args),
    trace: (...args) => line("LOG", args),
    time: (label = "default") => void timers.set(String(label), clock()),
    timeLog: (label = "default", ...args) => host.log("INFO", [passed(String(label)), ...args.map(safely)].join(" ")),
    timeEnd: (label = "default") => {
      host.log("INFO", passed(String(label)));
      timers.delete(String(label));
    },
  });

  Object.assign(shared, { inspect: safely, forgetTimers: () => timers.clear() });
});
