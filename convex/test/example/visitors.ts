/**
 * Visitors of the app in `examples/app`, who call its functions with Convex's own client, as any browser would: they visit
 * users and rename them, and know by number what they did. Each user belongs to one visitor, who looks before it gives a user
 * another name whether the user still has the last one.
 *
 *     node --import tsx test/example/visitors.ts URL FILE
 *
 * They note a line in the file before each call, `tried visits/ID NUMBER` or `tried names/ID NUMBER`, and one when it is
 * answered, `confirmed …`. They go on until their standard input or the process is ended; an error ends them all.
 */
import { openSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { ConvexHttpClient } from "convex/browser";
import { anyApi as api } from "convex/server";

const VISITORS = 4;
const PAUSE_MILLIS = 25;

const [url, file] = process.argv.slice(2);
if (url === undefined || file === undefined) {
  throw new Error("Give the URL of a deployment and a file to note writes in");
}
const notes = openSync(file, "a");
let lastNumber = 0;

async function write(target: string, call: (n: number) => Promise<unknown>): Promise<number> {
  const n = ++lastNumber;
  writeSync(notes, `tried ${target} ${n}\n`);
  await call(n);
  writeSync(notes, `confirmed ${target} ${n}\n`);
  return n;
}

async function allUsers(): Promise<string[]> {
  const client = new ConvexHttpClient(url!);
  const ids: string[] = [];
  let cursor: string | null = null;
  for (let isDone = false; !isDone;) {
    const page: any = await client.query(api.users!.list!, { paginationOpts: { numItems: 500, cursor } });
    ids.push(...page.page.map((user: { _id: string }) => user._id));
    ({ isDone, continueCursor: cursor } = page);
  }
  return ids;
}

async function visit(ids: string[]): Promise<never> {
  const client = new ConvexHttpClient(url!);
  const names = new Map<string, string>();
  for (;;) {
    const id = ids[Math.floor(Math.random() * ids.length)]!;
    if (Math.random() < 0.7) {
      await write(`visits/${id}`, (n) => client.mutation(api.users!.visit!, { id, n }));
    } else {
      const { name } = await client.query(api.users!.get!, { id });
      if (name !== (names.get(id) ?? name)) {
        throw new Error(`User '${id}' is called '${name}' and not '${names.get(id)}' any more`);
      }
      const n = await write(`names/${id}`, (n) =>
        client.mutation(api.users!.rename!, { id, fullName: `Given${n} Family${n}` }),
      );
      names.set(id, `Given${n} Family${n}`);
    }
    await pause(PAUSE_MILLIS);
  }
}

process.stdin.resume().once("close", () => process.exit(0));
const ids = await allUsers();
console.log("writing");
await Promise.all(Array.from({ length: VISITORS }, (_, k) => visit(ids.filter((_, i) => i % VISITORS === k))));
