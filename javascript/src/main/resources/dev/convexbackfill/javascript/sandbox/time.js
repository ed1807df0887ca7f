/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// Removes what a Convex function must not have; time and chance: fixed for a query or mutation, real for an action.
(function (host, shared) {
  "use strict";

  const g = globalThis;
  const define = (name, value) =>
    Object.defineProperty(g, name, { value, writable: true, enumerable: false, configurable: true });

  // rejections that nobody handles end the call; told of once all microtasks have run
  g.Graal?.setUnhandledPromiseRejectionHandler?.((reason, promise) => {
    if (promise) shared.fail(reason);
  });
  for (const name of [
    "Java",
    "Polyglot",
    "Graal",
    "Packages",
    "java",
    "javax",
    "com",
    "org",
    "edu",
    "javafx",
    "load",
    "loadWithNewGlobal",
    "print",
    "printErr",
    "read",
    "readbuffer",
    "readline",
    "quit",
    "exit",
    "WebAssembly",
    "SharedArrayBuffer",
    "Atomics",
    "performance",
    "console",
  ])
    delete g[name];
  let now = 0,
    isReal = false;
  // in variables of their own: an array would take an interpreter six times as long
  let a = 1,
    b = 2,
    c = 3,
    d = 4,
    isMixed = true;
  const RealDate = Date,
    realNow = Date.now;
  const clock = () => (isReal ? realNow() : now);
  function FakeDate(...args) {
    if (new.target === undefined) return new RealDate(clock()).toString();
    return Reflect.construct(
      RealDate,
      args.length === 0 ? [clock()] : args,
      new.target === FakeDate ? RealDate : new.target,
    );
  }
  Object.defineProperty(FakeDate, "name", { value: "Date" });
  Object.defineProperty(FakeDate, "length", { value: 7 });
  FakeDate.prototype = RealDate.prototype;
  Object.defineProperty(RealDate.prototype, "constructor", { value: FakeDate, writable: true, configurable: true });
  for (const [name, value] of Object.entries({ now: () => clock(), parse: RealDate.parse, UTC: RealDate.UTC }))
    Object.defineProperty(FakeDate, name, { value, writable: true, configurable: true });
  define("Date", FakeDate);
  /** sfc32 */
  function next32() {
    if (!isMixed) {
      isMixed = true;
      for (let i = 0; i < 12; i++) next32();
    }
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  }
  Object.defineProperty(Math, "random", {
    value: function random() {
      return ((next32() >>> 5) * 67108864 + (next32() >>> 6)) / 9007199254740992;
    },
    writable: true,
    configurable: true,
  });
  let started = 0;
  define("performance", {
    now: () => (isReal ? realNow() - started : 0),
    get timeOrigin() {
      return isReal ? started : now;
    },
    mark() {},
    measure() {},
  });

  const beginTime = (millis, low, high, hasEffects) => {
    now = started = millis;
    isReal = hasEffects;
    a = low;
    b = high;
    c = low ^ 0x9e3779b9;
    d = 1;
    // few functions ever ask for chance
    isMixed = false;
  };
  const hasEffects = () => isReal;

  Object.assign(shared, { define, clock, RealDate, next32, beginTime, hasEffects });
});
