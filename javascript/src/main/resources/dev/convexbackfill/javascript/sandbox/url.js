/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// URLs.
(function (host, shared) {
  "use strict";
  const { define, latin1, toLatin1 } = shared;
  const FORM_SAFE = /[A-Za-z0-9*\-._]/;
  const pct = (text, keep) => {
    let s = "";
    for (const c of String(text).toWellFormed())
      s += keep.test(c)
        ? c
        : encodeURIComponent(c).replace(/^[^%]$/, (x) => "%" + x.charCodeAt(0).toString(16).toUpperCase());
    return s;
  };
  const formEncode = (text) => pct(text, FORM_SAFE).replace(/%20/g, "+");
  const unpct = (text) =>
    text.includes("%")
      ? new TextDecoder().decode(
          latin1(
            toLatin1(new TextEncoder().encode(text)).replace(/%([0-9A-Fa-f]{2})/g, (_, h) =>
              String.fromCharCode(parseInt(h, 16)),
            ),
          ),
        )
      : text;
  const formDecode = (text) => unpct(text.replace(/\+/g, " "));
  class URLSearchParams {
    #list = [];
    #changed;
    constructor(init = "", changed) {
      this.#changed = changed;
      if (typeof init === "object" && init !== null)
        this.#list = (typeof init[Symbol.iterator] === "function" ? [...init] : Object.entries(init)).map(([k, v]) => [
          String(k),
          String(v),
        ]);
      else this._reset(String(init).replace(/^\?/, ""));
    }
    _reset(text) {
      this.#list = text
        .split("&")
        .filter((p) => p !== "")
        .map((p) => {
          const i = p.indexOf("=");
          return i < 0 ? [formDecode(p), ""] : [formDecode(p.slice(0, i)), formDecode(p.slice(i + 1))];
        });
    }
    #done() {
      this.#changed?.(this.toString());
    }
    get size() {
      return this.#list.length;
    }
    append(k, v) {
      this.#list.push([String(k), String(v)]);
      this.#done();
    }
    delete(k, v) {
      this.#list = this.#list.filter(([a, b]) => a !== String(k) || (v !== undefined && b !== String(v)));
      this.#done();
    }
    get(k) {
      return this.#list.find(([a]) => a === String(k))?.[1] ?? null;
    }
    getAll(k) {
      return this.#list.filter(([a]) => a === String(k)).map(([, b]) => b);
    }
    has(k, v) {
      return this.#list.some(([a, b]) => a === String(k) && (v === undefined || b === String(v)));
    }
    set(k, v) {
      const i = this.#list.findIndex(([a]) => a === String(k));
      if (i < 0) this.#list.push([String(k), String(v)]);
      else {
        this.#list[i][1] = String(v);
        this.#list = this.#list.filter(([a], j) => j <= i || a !== String(k));
      }
      this.#done();
    }
    sort() {
      this.#list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#done();
    }
    forEach(f, self) {
      for (const [k, v] of this.#list) f.call(self, v, k, this);
    }
    *entries() {
      for (const [k, v] of this.#list) yield [k, v];
    }
    *keys() {
      for (const [k] of this.#list) yield k;
    }
    *values() {
      for (const [, v] of this.#list) yield v;
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      return this.#list.map(([k, v]) => `${formEncode(k)}=${formEncode(v)}`).join("&");
    }
  }
  const PORTS = { "http:": "80", "https:": "443", "ws:": "80", "wss:": "443", "ftp:": "21" };
  const special = (scheme) => scheme in PORTS || scheme === "file:";
  const PATH_SAFE = /[A-Za-z0-9\-._~!$&'()*+,;=:@%/|\\[\]^]/,
    QUERY_SAFE = /[A-Za-z0-9\-._~!$&()*+,;=:@%/?|\\[\]^{}`]/,
    HASH_SAFE = /[A-Za-z0-9\-._~!$&'()*+,;=:@%/?|\\[\]^{}#]/,
    USER_SAFE = /[A-Za-z0-9\-._~!$&'()*+,%]/;
  function dots(path) {
    const out = [],
      parts = path.split("/").slice(1);
    parts.forEach((p, i) => {
      const last = i === parts.length - 1;
      const d = p.replace(/%2e/gi, ".");
      if (d === "..") {
        out.pop();
        if (last) out.push("");
      } else if (d === ".") {
        if (last) out.push("");
      } else out.push(p);
    });
    return "/" + out.join("/");
  }
  /** The parts of the WHATWG URL standard that apps use; no IDNA. */
  class URL {
    #u;
    #params;
    constructor(input, base) {
      const u = URL.#parse(
        String(input)
          .trim()
          .replace(/[\t\n\r]/g, ""),
        base === undefined ? null : new URL(base).#u,
      );
      if (u === null) throw new TypeError(`Invalid URL: '${input}'`);
      this.#u = u;
      this.#params = new URLSearchParams(u.search, (s) => {
        this.#u.search = s === "" ? "" : "?" + s;
      });
    }
    static canParse(input, base) {
      try {
        new URL(input, base);
        return true;
      } catch {
        return false;
      }
    }
    static parse(input, base) {
      try {
        return new URL(input, base);
      } catch {
        return null;
      }
    }
    static #parse(text, base) {
      let hash = "",
        search = "",
        m;
      const cut = (c) => {
        const i = text.indexOf(c);
        if (i < 0) return "";
        const t = text.slice(i + 1);
        text = text.slice(0, i);
        return t === "" ? "" : c + t;
      };
      const noHash = text.indexOf("#") < 0,
        noQuery = !/\?/.test(text.split("#")[0]);
      hash = cut("#");
      search = cut("?");
      hash = pct(hash.slice(1), HASH_SAFE);
      if (hash) hash = "#" + hash;
      search = pct(search.slice(1), QUERY_SAFE);
      if (search) search = "?" + search;
      if ((m = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(text))) {
        const scheme = m[1].toLowerCase() + ":";
        let rest = m[2];
        if (special(scheme)) rest = rest.replace(/\\/g, "/");
        if (!special(scheme) && !rest.startsWith("//"))
          return {
            scheme,
            user: "",
            pass: "",
            host: "",
            port: "",
            path: rest.startsWith("/") ? dots(pct(rest, PATH_SAFE)) : rest,
            search,
            hash,
            opaque: true,
          };
        if (special(scheme))
          rest = rest.replace(/^\/*/, scheme === "file:" ? "//" + (/^\/{3}/.test(rest) ? "/" : "") : "//");
        return URL.#authority(scheme, rest.slice(2), search, hash);
      }
      if (base === null) return null;
      if (special(base.scheme)) text = text.replace(/\\/g, "/");
      if (text.startsWith("//")) return URL.#authority(base.scheme, text.slice(2), search, hash);
      if (base.opaque && text !== "") return null;
      if (text === "") return { ...base, search: noQuery ? base.search : search, hash: noHash ? "" : hash };
      return {
        ...base,
        path: dots(pct(text.startsWith("/") ? text : base.path.replace(/[^/]*$/, "") + text, PATH_SAFE)),
        search,
        hash,
      };
    }
    static #authority(scheme, rest, search, hash) {
      const i = rest.indexOf("/");
      let auth = i < 0 ? rest : rest.slice(0, i);
      const path = i < 0 ? (special(scheme) ? "/" : "") : rest.slice(i);
      let user = "",
        pass = "";
      const at = auth.lastIndexOf("@");
      if (at >= 0) {
        const c = auth.slice(0, at),
          j = c.indexOf(":");
        user = pct(j < 0 ? c : c.slice(0, j), USER_SAFE);
        pass = j < 0 ? "" : pct(c.slice(j + 1), USER_SAFE);
        auth = auth.slice(at + 1);
      }
      const m = /^(\[[0-9A-Fa-f:.]+\]|[^:]*)(?::(\d*))?$/.exec(auth);
      if (m === null || (m[1] === "" && special(scheme) && scheme !== "file:") || Number(m[2] ?? 0) > 65535)
        return null;
      const host = special(scheme) ? unpct(m[1]).toLowerCase() : m[1];
      if (/[\s#/<>?@\\^|%]/.test(host)) return null;
      const port = m[2] ? String(Number(m[2])) : "";
      return {
        scheme,
        user,
        pass,
        host,
        port: port === PORTS[scheme] ? "" : port,
        path: path === "" ? "" : dots(pct(path, PATH_SAFE)),
        search,
        hash,
        opaque: false,
      };
    }
    get protocol() {
      return this.#u.scheme;
    }
    set protocol(v) {
      this.#u.scheme = String(v).replace(/:?$/, ":").toLowerCase();
    }
    get username() {
      return this.#u.user;
    }
    set username(v) {
      this.#u.user = pct(v, USER_SAFE);
    }
    get password() {
      return this.#u.pass;
    }
    set password(v) {
      this.#u.pass = pct(v, USER_SAFE);
    }
    get hostname() {
      return this.#u.host;
    }
    set hostname(v) {
      this.#u.host = String(v).toLowerCase();
    }
    get port() {
      return this.#u.port;
    }
    set port(v) {
      v = String(v);
      this.#u.port = v === PORTS[this.#u.scheme] ? "" : v;
    }
    get host() {
      return this.#u.host + (this.#u.port && ":" + this.#u.port);
    }
    set host(v) {
      const [h, p] = String(v).split(":");
      this.hostname = h;
      if (p !== undefined) this.port = p;
    }
    get origin() {
      return this.#u.scheme in PORTS ? `${this.#u.scheme}//${this.host}` : "null";
    }
    get pathname() {
      return this.#u.path;
    }
    set pathname(v) {
      v = String(v);
      this.#u.path = dots(
        pct(v.startsWith("/") ? v : "/" + v, PATH_SAFE)
          .replace(/\?/g, "%3F")
          .replace(/#/g, "%23"),
      );
    }
    get search() {
      return this.#u.search;
    }
    set search(v) {
      v = pct(String(v).replace(/^\?/, ""), QUERY_SAFE);
      this.#u.search = v && "?" + v;
      this.#params._reset(v);
    }
    get searchParams() {
      return this.#params;
    }
    get hash() {
      return this.#u.hash;
    }
    set hash(v) {
      v = pct(String(v).replace(/^#/, ""), HASH_SAFE);
      this.#u.hash = v && "#" + v;
    }
    get href() {
      const u = this.#u;
      return u.opaque
        ? u.scheme + u.path + u.search + u.hash
        : `${u.scheme}//${u.user || u.pass ? u.user + (u.pass && ":" + u.pass) + "@" : ""}${this.host}${u.path}${u.search}${u.hash}`;
    }
    set href(v) {
      this.#u = new URL(v).#u;
      this.#params._reset(this.#u.search.slice(1));
    }
    toString() {
      return this.href;
    }
    toJSON() {
      return this.href;
    }
  }
  define("URL", URL);
  define("URLSearchParams", URLSearchParams);
});
