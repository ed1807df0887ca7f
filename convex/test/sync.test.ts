// @vitest-environment node
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { makeFunctionReference, type PaginationResult } from "convex/server";
import { ConvexError, type Value } from "convex/values";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

const url = process.env.BACKFILL_TEST_URL;
const key = process.env.BACKFILL_TEST_KEY!;
const server = process.env.BACKFILL_TEST_SERVER;

type Row = { n: number };

const all = makeFunctionReference<"query", { table: string }, Row[]>("test:all");
const page = makeFunctionReference<"query", Record<string, Value>, PaginationResult<Row>>("test:page");
const insert = makeFunctionReference<"mutation", { table: string; documents: Row[] }>("test:insert");

const clients: ConvexClient[] = [];

function client(address = url!): ConvexClient {
  const made = new ConvexClient(address, { logger: false });
  clients.push(made);
  return made;
}

/** `setAdminAuth` is what Convex's own tools use; its types hide it. */
function setAdminAuth(c: ConvexClient, adminKey: string, identity?: Record<string, string>): void {
  (c.client as unknown as { setAdminAuth: (k: string, i?: object) => void }).setAdminAuth(adminKey, identity);
}

const last = <T>(list: T[]) => list[list.length - 1];
const numbers = (rows: Row[]) => rows.map((row) => row.n);

/** Everything that a subscription has shown. */
function watch(c: ConvexClient, table: string): number[][] {
  const seen: number[][] = [];
  c.onUpdate(all, { table }, (rows) => seen.push(numbers(rows)));
  return seen;
}

async function eventually(check: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: 60_000, interval: 20 });
}

let tables = 0;
const newTable = () => `sync${process.pid}x${tables++}`;

afterEach(async () => {
  await Promise.all(clients.splice(0).map(async (c) => await c.close()));
});

/** Convex's own reactive client, unchanged, against a server that claims to be a deployment. */
describe.runIf(url !== undefined)("the official websocket client", () => {
  test("sees what it and others write", async () => {
    const table = newTable();
    const reader = client();
    const writer = client();
    const seen = watch(reader, table);
    await eventually(() => expect(seen).toEqual([[]]));

    await reader.mutation(insert, { table, documents: [{ n: 1 }] });
    expect(last(seen), "its own write, when the promise is resolved").toEqual([1]);
    await writer.mutation(insert, { table, documents: [{ n: 2 }] });
    await eventually(() => expect(seen).toEqual([[], [1], [1, 2]]));
    await writer.mutation(insert, { table: newTable(), documents: [{ n: 3 }] });
    await new ConvexHttpClient(url!, { logger: false }).mutation(insert, { table, documents: [{ n: 4 }] });
    await eventually(() => expect(last(seen)).toEqual([1, 2, 4]));
    expect(seen).toHaveLength(4);
  });

  test("replaces optimistic updates by what was written, without showing a time between", async () => {
    const table = newTable();
    const c = client();
    const seen = watch(c, table);
    await eventually(() => expect(seen).toEqual([[]]));

    const written = Array.from({ length: 20 }, async (_, n) => {
      await c.mutation(
        insert,
        { table, documents: [{ n }] },
        {
          optimisticUpdate: (store, args) =>
            store.setQuery(all, { table }, [...(store.getQuery(all, { table }) ?? []), ...args.documents]),
        },
      );
    });
    await Promise.all(written);

    expect(last(seen)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    seen.forEach((rows, i) => {
      expect(rows, `update ${i}`).toEqual(Array.from({ length: rows.length }, (_, n) => n));
      expect(rows.length).toBeGreaterThanOrEqual(i === 0 ? 0 : seen[i - 1]!.length);
    });
  });

  test("gets errors with their data, of mutations, queries and actions", async () => {
    const c = client();
    const refused = await c.mutation(makeFunctionReference<"mutation">("test:refuse"), {}).catch((e: unknown) => e);
    expect(refused).toBeInstanceOf(ConvexError);
    expect((refused as ConvexError<Value>).data).toEqual({ kind: "nope", n: 7n });

    const failed = await c.query(makeFunctionReference<"query">("test:fail"), {}).catch((e: unknown) => e);
    expect(failed).not.toBeInstanceOf(ConvexError);
    expect(String(failed)).toMatch(/\[Request ID: \w+\] Server Error\s+Uncaught Error: plain/);

    const missing = await c.action(makeFunctionReference<"action">("test:gone"), {}).catch((e: unknown) => e);
    expect(String(missing)).toContain("Could not find public function for 'test:gone'.");
    expect(await c.action(makeFunctionReference<"action">("test:act"), {})).toBe("internal");
  });

  test("shows pages that neither overlap nor come apart while rows are added", async () => {
    const table = newTable();
    const c = client();
    await c.mutation(insert, { table, documents: Array.from({ length: 5 }, (_, n) => ({ n })) });
    type Paginated = { results: Row[]; status: string; loadMore: (n: number) => boolean };
    let latest: Paginated | undefined;
    c.onPaginatedUpdate_experimental(page as never, { table } as never, { initialNumItems: 2 }, (result: unknown) => {
      latest = result as Paginated;
    });
    await eventually(() => expect([numbers(latest!.results), latest!.status]).toEqual([[0, 1], "CanLoadMore"]));
    latest!.loadMore(4);
    await eventually(() => expect([numbers(latest!.results), latest!.status]).toEqual([[0, 1, 2, 3, 4], "Exhausted"]));

    await c.mutation(insert, { table, documents: [{ n: 5 }, { n: 6 }] });
    await eventually(() => expect(numbers(latest!.results)).toEqual([0, 1, 2, 3, 4, 5, 6]));
  });

  test("calls internal functions with the key, and acts as a user", async () => {
    const secret = makeFunctionReference<"query">("test:secret");
    const stranger = client();
    await expect(stranger.query(secret, {})).rejects.toThrow(/Could not find public function/);

    const admin = client();
    setAdminAuth(admin, key);
    expect(await admin.query(secret, {})).toBe("internal");
    const tables = makeFunctionReference<"query">("_system/cli/tables");
    const paginationOpts = { numItems: 10, cursor: null };
    expect(await admin.query(tables, { paginationOpts })).toMatchObject({ isDone: true });

    const acting = client();
    setAdminAuth(acting, key, { issuer: "https://i", subject: "s" });
    expect(await acting.query(secret, {})).toBe("internal");
    await expect(acting.query(tables, { paginationOpts })).rejects.toThrow(/Operation query not permitted/);
  });

  const faults = async (body: object) => {
    const answer = await fetch(`${url}/local/faults`, {
      method: "PUT",
      headers: { "Content-Type": "application/json", Authorization: `Convex ${key}` },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
  };

  afterEach(async () => {
    await faults({});
  });

  test.each(["replyLost", "resetBeforeCommit", "overloaded"])(
    "applies mutations once under the fault %s",
    async (fault) => {
      const table = newTable();
      const c = client();
      await faults({ [fault]: 2, functions: "test:insert" });
      for (let n = 0; n < 4; n++) {
        await c.mutation(insert, { table, documents: [{ n }] });
      }
      expect(numbers(await c.query(all, { table }))).toEqual([0, 1, 2, 3]);
    },
    120_000,
  );
});

/** A server of our own, killed without warning and started again on the same data. */
describe.runIf(server !== undefined)("the official websocket client and a server that is killed", () => {
  let data: string;
  let running: ChildProcess | undefined;

  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), "deployment-"));
  });

  async function start(port: string): Promise<string> {
    const [command, ...args] = JSON.parse(server!) as string[];
    const child = spawn(command!, [...args, data, port], { stdio: ["ignore", "pipe", "inherit"] });
    running = child;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith("serving ")) {
        child.stdout.resume();
        return line.slice("serving ".length);
      }
    }
    throw new Error("The server ended before it served");
  }

  async function kill(): Promise<void> {
    const child = running!;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  afterEach(async () => {
    await kill();
    rmSync(data, { recursive: true, force: true });
  });

  test("apply every mutation exactly once, and what is watched goes on", async () => {
    const address = await start("0");
    const c = client(address);
    const seen = watch(c, "survivors");
    await eventually(() => expect(seen).toEqual([[]]));
    const count = 400;
    let answered = 0;
    const mutations = Array.from({ length: count }, async (_, n) => {
      await c.mutation(insert, { table: "survivors", documents: [{ n }] });
      answered++;
    });

    for (const enough of [40, 200]) {
      await eventually(() => expect(answered).toBeGreaterThanOrEqual(enough));
      expect(answered, "some are still on their way").toBeLessThan(count);
      await kill();
      await start(new URL(address).port);
    }
    await Promise.all(mutations);

    const expected = Array.from({ length: count }, (_, n) => n);
    await eventually(() => expect(last(seen)).toEqual(expected));
    expect(numbers(await c.query(all, { table: "survivors" }))).toEqual(expected);
  }, 240_000);
});
