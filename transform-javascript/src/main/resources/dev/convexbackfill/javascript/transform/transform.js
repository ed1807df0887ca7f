/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// Calls the function of a plan with documents: Convex's values in and out, and globals that nobody can change.
(function (host, shared) {
  "use strict";
  const g = globalThis;
  const { define, beginTime, clock } = shared;
  const { isArray } = Array;
  const { create, defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf, is, keys } = Object;
  const { apply, ownKeys } = Reflect;
  const { parse, stringify } = JSON;
  const { isFinite } = Number;
  const ObjectPrototype = Object.prototype;
  const RealPromise = Promise;
  const { then } = Promise.prototype;
  const byteLength = getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get;

  // what is collected when tells of other documents, and memory can't be shared
  for (const name of ["WeakRef", "FinalizationRegistry"]) delete g[name];
  const silent = () => {};
  define("console", { debug: silent, error: silent, info: silent, log: silent, trace: silent, warn: silent });
  // the only ways left to the real time
  const formats = Intl.DateTimeFormat.prototype;
  const getFormat = getOwnPropertyDescriptor(formats, "format").get;
  const { formatToParts } = formats;
  const date = (given) => (given === undefined ? clock() : given);
  defineProperty(formats, "format", {
    get() {
      const format = apply(getFormat, this, []);
      return (given) => format(date(given));
    },
    configurable: true,
  });
  define("Intl", Intl);
  defineProperty(formats, "formatToParts", {
    value: function (given) {
      return apply(formatToParts, this, [date(given)]);
    },
    writable: true,
    configurable: true,
  });

  // ---- values, in ----
  const buffer = (latin1) => {
    const bytes = new Uint8Array(latin1.length);
    for (let i = 0; i < latin1.length; i++) bytes[i] = latin1.charCodeAt(i);
    return bytes.buffer;
  };
  const special = (name, text) => {
    if (name === "$integer") return BigInt(host.int64(text));
    return name === "$float" ? host.number(text) : buffer(host.latin1(text));
  };
  /** Puts values in the place of how Convex's JSON writes those that JSON does not know. */
  const revive = (value) => {
    if (typeof value !== "object" || value === null) return value;
    const names = keys(value);
    if (names.length === 1 && names[0][0] === "$" && !isArray(value)) return special(names[0], value[names[0]]);
    for (let i = 0; i < names.length; i++) {
      const inner = value[names[i]];
      if (typeof inner === "object" && inner !== null) value[names[i]] = revive(inner);
    }
    return value;
  };

  // ---- values, out ----
  class NoValue extends TypeError {}
  const refuse = (path, what) => {
    throw new NoValue(`it returned no Convex value: '${path}' ${what}`);
  };
  const MIN = -(2n ** 63n),
    MAX = 2n ** 63n - 1n;
  const latin1 = (bytes) => {
    let text = "";
    for (let i = 0; i < bytes.length; i += 4096)
      text += apply(String.fromCharCode, null, bytes.subarray(i, i + 4096));
    return text;
  };
  const isBuffer = (value) => {
    try {
      apply(byteLength, value, []);
      return true;
    } catch {
      return false;
    }
  };
  const isPlain = (value) => {
    const prototype = getPrototypeOf(value);
    return prototype === ObjectPrototype || prototype === null;
  };
  const kindOf = (value) => {
    const name = value.constructor?.name;
    return typeof name === "string" && name !== "" ? name : "an object with a prototype";
  };
  const encode = (value, path, depth) => {
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        return isFinite(value) && !is(value, -0) ? value : { $float: host.fromNumber(value) };
      case "bigint":
        if (value < MIN || value > MAX) refuse(path, "is a BigInt of more than 64 bits");
        return { $integer: host.fromInt64(`${value}`) };
      case "object": {
        if (value === null) return null;
        if (depth > 64) refuse(path, "is nested too deep, or holds itself");
        if (isArray(value)) {
          const out = [];
          for (let i = 0; i < value.length; i++) out[i] = encode(value[i], `${path}[${i}]`, depth + 1);
          return out;
        }
        if (isPlain(value)) return encodeFields(value, keys(value), path, depth);
        if (isBuffer(value)) return { $bytes: host.fromLatin1(latin1(new Uint8Array(value))) };
        return refuse(path, `is a ${kindOf(value)}`);
      }
      default:
        return refuse(path, `is ${typeof value === "undefined" ? "undefined" : `a ${typeof value}`}`);
    }
  };
  const field = (path, name) => (path === "" ? name : `${path}.${name}`);
  const encodeFields = (value, names, path, depth) => {
    // without a prototype, so that a field may have any name
    const out = create(null);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      if (name[0] === "$") refuse(field(path, name), "begins with '$', which Convex reserves");
      const inner = value[name];
      // as in Convex, a field that is undefined is none
      if (inner !== undefined) out[name] = encode(inner, field(path, name), depth + 1);
    }
    return out;
  };

  // ---- calls ----
  const finish = (patch) => {
    if (patch === undefined || patch === null) return "=";
    if (typeof patch !== "object" || isArray(patch) || !isPlain(patch))
      throw new NoValue(
        `it must return an object of fields, null or undefined, not ${
          typeof patch !== "object" ? `a ${typeof patch}` : isArray(patch) ? "an array" : `a ${kindOf(patch)}`
        }`,
      );
    const names = keys(patch);
    const set = encodeFields(patch, names, "", 0);
    const unset = [];
    for (let i = 0; i < names.length; i++)
      if (getOwnPropertyDescriptor(set, names[i]) === undefined) unset[unset.length] = names[i];
    return "+" + stringify([set, unset]);
  };
  const describe = (thrown) => {
    if (thrown instanceof NoValue) return thrown.message;
    if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`;
    return `it threw ${typeof thrown === "object" && thrown !== null ? stringify(thrown) : String(thrown)}`;
  };
  const fail = (thrown) => {
    let message = "it threw what can't be described",
      stack = "";
    try {
      message = `${describe(thrown)}`.slice(0, 1000).replaceAll("\0", "");
      if (typeof thrown?.stack === "string" && !(thrown instanceof NoValue))
        stack = thrown.stack.split("\n").filter((line) => /^\s+at /.test(line)).join("\n");
    } catch {
      // the message stays
    }
    return "-" + message + "\0" + stack;
  };
  const NEVER =
    "-the promise that it returned is never settled: a function of a plan can wait for nothing that lies outside of it\0";
  let now = 0,
    settled = NEVER;
  const attempt = (patch) => {
    try {
      settled = finish(patch);
    } catch (thrown) {
      settled = fail(thrown);
    }
  };
  const functions = {
    setTime(millis) {
      now = millis;
    },
    /** `=`, `+` and what changes as JSON, `-` and why not, or `?` if the promise must be waited for. */
    call(f, json, hasSpecial, low, high) {
      beginTime(now, low, high, false);
      settled = NEVER;
      try {
        const parsed = parse(json);
        const result = f(hasSpecial ? revive(parsed) : parsed);
        if (typeof result === "object" && result !== null && typeof result.then === "function") {
          const promise = new RealPromise((resolve) => resolve(result));
          apply(then, promise, [attempt, (thrown) => void (settled = fail(thrown))]);
          return "?";
        }
        return finish(result);
      } catch (thrown) {
        return fail(thrown);
      }
    },
    settled: () => settled,
    /** The function of a file that is no module: what it declares at its top, or what it puts into `exports`. */
    instantiate(wrapper, name) {
      const module = { exports: {} };
      const require = (path) => {
        throw new Error(`'${path}' can't be required here`);
      };
      beginTime(now, 1, 2, false);
      const declared = wrapper(module, module.exports, require);
      if (declared !== undefined) return declared;
      return name === "default" ? (module.exports?.default ?? module.exports) : module.exports?.[name];
    },
  };

  // ---- globals that stay as they are ----
  const seen = new Set();
  const reach = (value) => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
    seen.add(value);
    reach(getPrototypeOf(value));
    for (const key of ownKeys(value)) {
      const property = getOwnPropertyDescriptor(value, key);
      reach(property.value);
      reach(property.get);
      reach(property.set);
    }
  };
  reach(g);
  // those without a name of their own
  for (const hidden of [
    async function () {},
    function* () {},
    async function* () {},
    (function* () {})(),
    (async function* () {})(),
    [][Symbol.iterator](),
    new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](),
    ""[Symbol.iterator](),
    ""[Symbol.iterator]().map((x) => x),
    "".matchAll(/x/g),
  ])
    reach(hidden);
  /** An object may have a property of its own of a name that its prototype has: freezing alone would forbid to assign it. */
  const allowOverrides = (prototype) => {
    for (const key of ownKeys(prototype)) {
      const property = getOwnPropertyDescriptor(prototype, key);
      if (!property.writable || !property.configurable) continue;
      const { value, enumerable } = property;
      const set = function (given) {
        if (this === prototype) throw new TypeError(`Cannot assign to '${String(key)}' of a global`);
        defineProperty(this, key, { value: given, writable: true, enumerable: true, configurable: true });
      };
      freeze(set);
      const get = freeze(() => value);
      defineProperty(prototype, key, { get, set, enumerable });
    }
  };
  const errors = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError];
  for (const prototype of [ObjectPrototype, Function.prototype, ...errors.map((each) => each.prototype)])
    allowOverrides(prototype);
  seen.forEach((each) => {
    if (!ArrayBuffer.isView(each)) freeze(each);
  });
  return freeze(functions);
});
