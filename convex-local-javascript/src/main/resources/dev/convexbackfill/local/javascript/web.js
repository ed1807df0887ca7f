/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// Events, blobs, requests and responses.
(function (host, shared) {
  "use strict";
  const { define, asBytes, clock, DOMException } = shared;
  class Event {
    constructor(type, init = {}) {
      this.type = type;
      this.defaultPrevented = false;
      this.cancelable = !!init.cancelable;
      this.bubbles = !!init.bubbles;
    }
    preventDefault() {
      this.defaultPrevented = this.cancelable;
    }
    stopPropagation() {}
    stopImmediatePropagation() {
      this._stop = true;
    }
  }
  class EventTarget {
    #all = new Map();
    addEventListener(type, f, o) {
      const l = this.#all.get(type) ?? [];
      if (!l.some((x) => x.f === f)) l.push({ f, once: !!o?.once });
      this.#all.set(type, l);
    }
    removeEventListener(type, f) {
      this.#all.set(
        type,
        (this.#all.get(type) ?? []).filter((x) => x.f !== f),
      );
    }
    dispatchEvent(e) {
      e.target = e.currentTarget = this;
      for (const x of [...(this.#all.get(e.type) ?? [])]) {
        if (x.once) this.removeEventListener(e.type, x.f);
        typeof x.f === "function" ? x.f.call(this, e) : x.f.handleEvent(e);
        if (e._stop) break;
      }
      return !e.defaultPrevented;
    }
  }
  class AbortSignal extends EventTarget {
    aborted = false;
    reason = undefined;
    onabort = null;
    throwIfAborted() {
      if (this.aborted) throw this.reason;
    }
    static abort(reason) {
      const c = new AbortController();
      c.abort(reason);
      return c.signal;
    }
    static timeout() {
      return new AbortSignal();
    }
    static any(list) {
      const c = new AbortController();
      for (const s of list) s.aborted ? c.abort(s.reason) : s.addEventListener("abort", () => c.abort(s.reason));
      return c.signal;
    }
  }
  class AbortController {
    signal = new AbortSignal();
    abort(reason = new DOMException("This operation was aborted", "AbortError")) {
      const s = this.signal;
      if (s.aborted) return;
      s.aborted = true;
      s.reason = reason;
      const e = new Event("abort");
      s.onabort?.(e);
      s.dispatchEvent(e);
    }
  }
  for (const c of [Event, EventTarget, AbortSignal, AbortController]) define(c.name, c);
  class Blob {
    #bytes;
    #type;
    constructor(parts = [], { type = "" } = {}) {
      const all = [...parts].map((p) =>
        p instanceof Blob
          ? p.#bytes
          : p instanceof ArrayBuffer || ArrayBuffer.isView(p)
            ? asBytes(p)
            : new TextEncoder().encode(String(p)),
      );
      this.#bytes = new Uint8Array(all.reduce((n, b) => n + b.length, 0));
      let at = 0;
      for (const b of all) {
        this.#bytes.set(b, at);
        at += b.length;
      }
      this.#type = String(type).toLowerCase();
    }
    get size() {
      return this.#bytes.length;
    }
    get type() {
      return this.#type;
    }
    slice(from, to, type) {
      return new Blob([this.#bytes.slice(from, to)], { type });
    }
    async arrayBuffer() {
      return this.#bytes.slice().buffer;
    }
    async bytes() {
      return this.#bytes.slice();
    }
    async text() {
      return new TextDecoder().decode(this.#bytes);
    }
  }
  class File extends Blob {
    constructor(parts, name, init = {}) {
      super(parts, init);
      this.name = String(name);
      this.lastModified = init.lastModified ?? clock();
    }
  }
  class FormData {
    #list = [];
    append(k, v) {
      this.#list.push([String(k), v instanceof Blob ? v : String(v)]);
    }
    set(k, v) {
      this.delete(k);
      this.append(k, v);
    }
    delete(k) {
      this.#list = this.#list.filter(([a]) => a !== k);
    }
    get(k) {
      return this.#list.find(([a]) => a === k)?.[1] ?? null;
    }
    getAll(k) {
      return this.#list.filter(([a]) => a === k).map(([, v]) => v);
    }
    has(k) {
      return this.#list.some(([a]) => a === k);
    }
    entries() {
      return this.#list.values();
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    forEach(f) {
      for (const [k, v] of this.#list) f(v, k, this);
    }
  }
  class Headers {
    #all = new Map();
    constructor(init) {
      if (init)
        for (const [k, v] of typeof init[Symbol.iterator] === "function" ? init : Object.entries(init))
          this.append(k, v);
    }
    append(k, v) {
      k = String(k).toLowerCase();
      if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(k)) throw new TypeError(`Invalid header name '${k}'`);
      v = String(v).trim();
      this.#all.set(k, this.#all.has(k) ? `${this.#all.get(k)}, ${v}` : v);
    }
    set(k, v) {
      this.delete(k);
      this.append(k, v);
    }
    delete(k) {
      this.#all.delete(String(k).toLowerCase());
    }
    get(k) {
      return this.#all.get(String(k).toLowerCase()) ?? null;
    }
    has(k) {
      return this.#all.has(String(k).toLowerCase());
    }
    getSetCookie() {
      return this.has("set-cookie") ? [this.get("set-cookie")] : [];
    }
    forEach(f, self) {
      for (const [k, v] of this) f.call(self, v, k, this);
    }
    entries() {
      return [...this.#all].sort(([a], [b]) => (a < b ? -1 : 1)).values();
    }
    *keys() {
      for (const [k] of this) yield k;
    }
    *values() {
      for (const [, v] of this) yield v;
    }
    [Symbol.iterator]() {
      return this.entries();
    }
  }
  class Body {
    #blob;
    bodyUsed = false;
    constructor(body, headers) {
      this.headers = new Headers(headers);
      let type = null;
      if (body === null || body === undefined) this.#blob = null;
      else if (body instanceof Blob) {
        this.#blob = body;
        type = body.type || null;
      } else if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) this.#blob = new Blob([body]);
      else {
        this.#blob = new Blob([String(body)]);
        type =
          body instanceof URLSearchParams
            ? "application/x-www-form-urlencoded;charset=UTF-8"
            : "text/plain;charset=UTF-8";
      }
      if (type !== null && !this.headers.has("content-type")) this.headers.set("content-type", type);
    }
    #take() {
      if (this.bodyUsed) throw new TypeError("Body is unusable: Body has already been read");
      this.bodyUsed = this.#blob !== null;
      return this.#blob ?? new Blob();
    }
    _peek() {
      return this.#blob;
    }
    async text() {
      return await this.#take().text();
    }
    async json() {
      return JSON.parse(await this.#take().text());
    }
    async arrayBuffer() {
      return await this.#take().arrayBuffer();
    }
    async bytes() {
      return await this.#take().bytes();
    }
    async blob() {
      return new Blob([this.#take()], { type: this.headers.get("content-type") ?? "" });
    }
    async formData() {
      const f = new FormData();
      for (const [k, v] of new URLSearchParams(await this.text())) f.append(k, v);
      return f;
    }
  }
  class Request extends Body {
    constructor(input, init = {}) {
      const from = input instanceof Request ? input : null;
      super(init.body ?? from?._peek(), init.headers ?? from?.headers);
      this.url = from?.url ?? new URL(input).href;
      this.method = String(init.method ?? from?.method ?? "GET").toUpperCase();
      this.signal = init.signal ?? from?.signal ?? new AbortSignal();
      this.redirect = init.redirect ?? "follow";
    }
    clone() {
      return new Request(this);
    }
  }
  class Response extends Body {
    constructor(body, init = {}) {
      super(body, init.headers);
      const s = init.status ?? 200;
      if (!(s >= 200 && s <= 599)) throw new RangeError(`Invalid status ${s}`);
      this.status = s;
      this.statusText = init.statusText ?? "";
      this.ok = s < 300;
      this.url = "";
      this.type = "default";
      this.redirected = false;
    }
    clone() {
      return new Response(this._peek(), this);
    }
    static json(data, init = {}) {
      const h = new Headers(init.headers);
      if (!h.has("content-type")) h.set("content-type", "application/json");
      return new Response(JSON.stringify(data), { ...init, headers: h });
    }
    static redirect(url, status = 302) {
      return new Response(null, { status, headers: { location: new URL(url).href } });
    }
    static error() {
      return new Response(null, { status: 500 });
    }
  }
  for (const c of [Blob, File, FormData, Headers, Request, Response]) define(c.name, c);
});
