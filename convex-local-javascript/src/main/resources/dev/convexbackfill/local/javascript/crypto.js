/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// crypto.
(function (host, shared) {
  "use strict";
  const { define, latin1, asBytes, toLatin1, next32, hasEffects, DOMException } = shared;
  const HASHES = { "sha-1": "SHA-1", "sha-256": "SHA-256", "sha-384": "SHA-384", "sha-512": "SHA-512" };
  const hashOf = (a) => HASHES[String(a?.name ?? a).toLowerCase()] ?? unsupported(`hash '${a?.name ?? a}'`);
  const unsupported = (what) => {
    throw new DOMException(`The ${what} is not supported here`, "NotSupportedError");
  };
  const random = (n) => {
    if (hasEffects()) return latin1(host.random(n));
    const b = new Uint8Array(n);
    for (let i = 0; i < n; i++) b[i] = next32() >>> 24;
    return b;
  };
  const keys = new WeakMap();
  class CryptoKey {
    constructor(bytes, hash, extractable, usages) {
      keys.set(this, { bytes, hash });
      this.type = "secret";
      this.algorithm = { name: "HMAC", hash: { name: hash }, length: bytes.length * 8 };
      this.extractable = extractable;
      this.usages = usages;
    }
  }
  const mac = (key, data) => {
    const k = keys.get(key) ?? unsupported("key");
    return latin1(host.hmac(k.hash, toLatin1(k.bytes), toLatin1(asBytes(data))));
  };
  const subtle = {
    async digest(algorithm, data) {
      return latin1(host.digest(hashOf(algorithm), toLatin1(asBytes(data)))).buffer;
    },
    async importKey(format, data, algorithm, extractable, usages) {
      return format === "raw" && String(algorithm.name ?? algorithm).toUpperCase() === "HMAC"
        ? new CryptoKey(asBytes(data).slice(), hashOf(algorithm.hash), extractable, usages)
        : unsupported(`key of '${algorithm.name ?? algorithm}'`);
    },
    async exportKey(format, key) {
      return format === "raw" && key.extractable ? keys.get(key).bytes.slice().buffer : unsupported("export");
    },
    async sign(algorithm, key, data) {
      return mac(key, data).buffer;
    },
    async verify(algorithm, key, signature, data) {
      const a = mac(key, data),
        b = asBytes(signature);
      return a.length === b.length && a.reduce((d, x, i) => d | (x ^ b[i]), 0) === 0;
    },
  };
  for (const name of ["encrypt", "decrypt", "generateKey", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"])
    subtle[name] = async () => unsupported(`operation '${name}'`);
  define("crypto", {
    getRandomValues(array) {
      if (array.byteLength > 65536) throw new DOMException("Too many bytes", "QuotaExceededError");
      asBytes(array).set(random(array.byteLength));
      return array;
    },
    randomUUID() {
      const b = random(16);
      b[6] = (b[6] & 15) | 64;
      b[8] = (b[8] & 63) | 128;
      const h = Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
      return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
    },
    subtle,
  });
  define("CryptoKey", CryptoKey);
});
