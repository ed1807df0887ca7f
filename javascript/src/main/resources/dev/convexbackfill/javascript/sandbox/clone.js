/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// structuredClone.
(function (host, shared) {
  "use strict";
  const { define, RealDate, DOMException } = shared;
  define("structuredClone", function structuredClone(value) {
    const seen = new Map();
    const clone = (x) => {
      if (typeof x === "function" || typeof x === "symbol")
        throw new DOMException(`${String(x)} could not be cloned.`, "DataCloneError");
      if (typeof x !== "object" || x === null) return x;
      if (seen.has(x)) return seen.get(x);
      const keep = (y) => (seen.set(x, y), y);
      if (x instanceof RealDate) return keep(new RealDate(+x));
      if (x instanceof RegExp) return keep(new RegExp(x.source, x.flags));
      if (x instanceof ArrayBuffer) return keep(x.slice(0));
      if (ArrayBuffer.isView(x)) {
        const b = clone(x.buffer);
        return keep(
          x instanceof DataView
            ? new DataView(b, x.byteOffset, x.byteLength)
            : new x.constructor(b, x.byteOffset, x.length),
        );
      }
      if (x instanceof Map) {
        const m = keep(new Map());
        for (const [k, v] of x) m.set(clone(k), clone(v));
        return m;
      }
      if (x instanceof Set) {
        const s = keep(new Set());
        for (const v of x) s.add(clone(v));
        return s;
      }
      if (x instanceof Error) {
        const e = keep(Object.create(Object.getPrototypeOf(x)));
        for (const k of ["name", "message", "stack", "cause"])
          if (k in x) Object.defineProperty(e, k, { value: clone(x[k]), writable: true, configurable: true });
        return e;
      }
      const out = keep(Array.isArray(x) ? new Array(x.length) : {});
      for (const k of Object.keys(x)) out[k] = clone(x[k]);
      return out;
    };
    return clone(value);
  });
});
