/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// Text encodings.
(function (host, shared) {
  "use strict";
  const { define } = shared;
  const latin1 = (s) => {
    const out = new Uint8Array(s.length);
    for (let i = 0; i < s.length; i++) out[i] = s.charCodeAt(i);
    return out;
  };
  const asBytes = (x) =>
    x === undefined
      ? new Uint8Array(0)
      : x instanceof Uint8Array
        ? x
        : ArrayBuffer.isView(x)
          ? new Uint8Array(x.buffer, x.byteOffset, x.byteLength)
          : new Uint8Array(x);
  const toLatin1 = (bytes) => {
    let s = "";
    for (let i = 0; i < bytes.length; i += 4096) s += String.fromCharCode.apply(null, bytes.subarray(i, i + 4096));
    return s;
  };
  class TextEncoder {
    get encoding() {
      return "utf-8";
    }
    encode(text = "") {
      text = String(text).toWellFormed();
      const out = new Uint8Array(text.length * 3);
      let n = 0;
      for (let i = 0; i < text.length; i++) {
        let c = text.charCodeAt(i);
        if (c < 0x80) out[n++] = c;
        else if (c < 0x800) {
          out[n++] = 0xc0 | (c >> 6);
          out[n++] = 0x80 | (c & 63);
        } else if (c >= 0xd800 && c < 0xdc00) {
          c = 0x10000 + ((c - 0xd800) << 10) + (text.charCodeAt(++i) - 0xdc00);
          out[n++] = 0xf0 | (c >> 18);
          out[n++] = 0x80 | ((c >> 12) & 63);
          out[n++] = 0x80 | ((c >> 6) & 63);
          out[n++] = 0x80 | (c & 63);
        } else {
          out[n++] = 0xe0 | (c >> 12);
          out[n++] = 0x80 | ((c >> 6) & 63);
          out[n++] = 0x80 | (c & 63);
        }
      }
      return out.slice(0, n);
    }
    encodeInto(text, target) {
      const bytes = this.encode(text).subarray(0, target.length);
      target.set(bytes);
      return { read: text.length, written: bytes.length };
    }
  }
  class TextDecoder {
    #left = [];
    constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
      const name = String(label).trim().toLowerCase();
      if (
        !["utf-8", "utf8", "unicode-1-1-utf-8", "latin1", "ascii", "iso-8859-1", "us-ascii", "windows-1252"].includes(
          name,
        )
      )
        throw new RangeError(`The encoding '${label}' is not supported`);
      this.encoding = name.includes("utf") ? "utf-8" : "windows-1252";
      this.fatal = fatal;
      this.ignoreBOM = ignoreBOM;
    }
    decode(input, { stream = false } = {}) {
      let bytes = asBytes(input);
      if (this.encoding !== "utf-8") return toLatin1(bytes);
      if (this.#left.length > 0) {
        bytes = Uint8Array.from([...this.#left, ...bytes]);
        this.#left = [];
      }
      const parts = [];
      let s = "";
      let i = 0;
      const bad = () => {
        if (this.fatal) throw new TypeError("The encoded data was not valid for encoding utf-8");
        s += "\ufffd";
      };
      if (!this.ignoreBOM && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) i = 3;
      while (i < bytes.length) {
        const b = bytes[i++];
        if (b < 0x80) s += String.fromCharCode(b);
        else {
          const need = b >= 0xc2 && b < 0xe0 ? 1 : b >= 0xe0 && b < 0xf0 ? 2 : b >= 0xf0 && b < 0xf5 ? 3 : 0;
          if (need === 0) {
            bad();
            continue;
          }
          let c = b & (0x3f >> need),
            k = 0,
            low = b === 0xe0 ? 0xa0 : b === 0xf0 ? 0x90 : 0x80,
            high = b === 0xed ? 0x9f : b === 0xf4 ? 0x8f : 0xbf;
          for (; k < need && i < bytes.length && bytes[i] >= low && bytes[i] <= high; k++, low = 0x80, high = 0xbf)
            c = (c << 6) | (bytes[i++] & 63);
          if (k === need) s += String.fromCodePoint(c);
          else if (stream && i === bytes.length) {
            this.#left = [...bytes.subarray(i - k - 1)];
            break;
          } else bad();
        }
        if (s.length > 8192) {
          parts.push(s);
          s = "";
        }
      }
      return parts.length === 0 ? s : parts.join("") + s;
    }
  }
  define("TextEncoder", TextEncoder);
  define("TextDecoder", TextDecoder);
  const B64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const B64_OF = new Map([...B64].map((c, i) => [c, i]));
  class DOMException extends Error {
    constructor(message = "", name = "Error") {
      super(message);
      Object.defineProperty(this, "name", { value: name, configurable: true });
    }
    get code() {
      return 0;
    }
  }
  define("DOMException", DOMException);
  define("btoa", function btoa(text) {
    text = String(text);
    let out = "";
    for (let i = 0; i < text.length; i += 3) {
      const [a, b, c] = [text.charCodeAt(i), text.charCodeAt(i + 1), text.charCodeAt(i + 2)];
      if (a > 255 || b > 255 || c > 255)
        throw new DOMException(
          "The string to be encoded contains characters outside of the Latin1 range.",
          "InvalidCharacterError",
        );
      out +=
        B64[a >> 2] +
        B64[((a & 3) << 4) | (b >> 4)] +
        (i + 1 < text.length ? B64[((b & 15) << 2) | (c >> 6)] : "=") +
        (i + 2 < text.length ? B64[c & 63] : "=");
    }
    return out;
  });
  define("atob", function atob(text) {
    text = String(text).replace(/[\t\n\f\r ]/g, "");
    if (text.length % 4 === 0) text = text.replace(/={1,2}$/, "");
    if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text))
      throw new DOMException("The string to be decoded is not correctly encoded.", "InvalidCharacterError");
    let out = "",
      bits = 0,
      n = 0;
    for (const c of text) {
      bits = ((bits << 6) | B64_OF.get(c)) & 0xffffff;
      n += 6;
      if (n >= 8) {
        n -= 8;
        out += String.fromCharCode((bits >> n) & 255);
      }
    }
    return out;
  });

  Object.assign(shared, { latin1, asBytes, toLatin1, DOMException });
});
