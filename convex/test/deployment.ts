import {
  makeFunctionReference,
  defineSchema,
  defineTable,
  type SchemaDefinition,
  type GenericSchema,
} from "convex/server";
import { ConvexHttpClient } from "convex/browser";
import { convexTest } from "convex-test";
import { ConvexError, v, type Value } from "convex/values";

const modules = {
  "../convex/_generated/api.js": async () => ({}),
  "../convex/backfill.ts": async () => await import("../backfill.js"),
};

type Fields = Record<string, Value | undefined>;

export type LedgerRow = {
  sequence: number;
  fence: number;
  appliedBy: number;
  position: string | null;
  isDone: boolean;
  read: number;
  changed: number;
  unchanged: number;
  deleted: number;
  quarantined: number;
  conflicts: number;
  skipped: { id: string; reason: string; message?: string }[];
  inserted: { source: string; target: string }[];
};

/** An app with a table `users` that takes anything, and a table `strict` whose `n` must be a number. */
export const schema: SchemaDefinition<GenericSchema, boolean> = defineSchema({
  strict: defineTable({ n: v.number() }),
});

/** A deployment that the tests can look into. */
export type Deployment = {
  query: (name: string, args: Fields) => Promise<unknown>;
  mutation: (name: string, args: Fields) => Promise<unknown>;
  /** Returns the new ids in the order of the documents, which need not be the order of ids. */
  insert: (table: string, ...documents: Fields[]) => Promise<string[]>;
  get: (id: string) => Promise<Fields | null>;
  patch: (id: string, fields: Fields) => Promise<unknown>;
  remove: (id: string) => Promise<unknown>;
  all: (table: string) => Promise<Fields[]>;
};

/**
 * A new deployment with the functions installed: `backfill.ts` on Convex's own test runtime, or, where BACKFILL_TEST_URL
 * says so, whatever serves there, with functions named `test:…` that let the tests look into it.
 */
export async function deployment(limits: "usual" | "four writes" = "usual"): Promise<Deployment> {
  const url = process.env[limits === "usual" ? "BACKFILL_TEST_URL" : "BACKFILL_TEST_URL_FOUR_WRITES"];
  return url === undefined ? onTestRuntime(limits) : await onServer(url);
}

function onTestRuntime(limits: "usual" | "four writes"): Deployment {
  const transactionLimits = limits === "usual" ? false : { documentsWritten: 4 };
  const t = convexTest({ schema, modules, transactionLimits });
  return {
    query: async (name, args) => await t.query(makeFunctionReference<"query">(`backfill:${name}`), args),
    mutation: async (name, args) => await t.mutation(makeFunctionReference<"mutation">(`backfill:${name}`), args),
    insert: async (table, ...documents) =>
      await t.run(async (ctx) => {
        const ids: string[] = [];
        for (const document of documents) {
          ids.push((await ctx.db.insert(table as never, document as never)) as string);
        }
        return ids;
      }),
    get: async (id) => withoutSystemFields(await t.run(async (ctx) => await ctx.db.get(id as never))),
    patch: async (id, fields) => await t.run(async (ctx) => await ctx.db.patch(id as never, fields as never)),
    remove: async (id) => await t.run(async (ctx) => await ctx.db.delete(id as never)),
    all: async (table) => await t.run(async (ctx) => (await ctx.db.query(table as never).collect()) as Fields[]),
  };
}

async function onServer(url: string): Promise<Deployment> {
  const client = new ConvexHttpClient(url, { logger: false }) as ConvexHttpClient & {
    setAdminAuth: (key: string) => void;
  };
  client.setAdminAuth(process.env.BACKFILL_TEST_KEY!);
  const query = async (path: string, args: Fields) => await client.query(makeFunctionReference<"query">(path), args);
  const mutation = async (path: string, args: Fields) =>
    await client.mutation(makeFunctionReference<"mutation">(path), args);
  await mutation("test:reset", {});
  return {
    query: async (name, args) => await query(`backfill:${name}`, args),
    mutation: async (name, args) => await mutation(`backfill:${name}`, args),
    insert: async (table, ...documents) =>
      (await mutation("test:insert", { table, documents: documents as Value[] })) as string[],
    get: async (id) => withoutSystemFields((await query("test:get", { id })) as Fields | null),
    patch: async (id, fields) => await mutation("test:patch", { id, fields: fields as Value }),
    remove: async (id) => await mutation("test:remove", { id }),
    all: async (table) => (await query("test:all", { table })) as Fields[],
  };
}

function withoutSystemFields(document: Fields | null): Fields | null {
  if (document === null) {
    return null;
  }
  const { _id, _creationTime, ...fields } = document;
  return fields;
}

/** One range over a whole table, claimed by fence 1, and a way to apply chunks that accounts for their changes. */
export async function claimedRange(d: Deployment, table = "users") {
  const { ledger } = (await d.mutation("openLedger", {
    run: "r",
    token: "t",
    table,
    ranges: [{ after: null, through: null }],
  })) as { ledger: string[] };
  await d.mutation("claim", { ledger: ledger[0]!, fence: 1 });
  return {
    ledger: ledger[0]!,
    chunk: (changes: Fields[], more: Fields = {}): Fields => ({
      ledger: ledger[0]!,
      fence: 1,
      sequence: 1,
      from: null,
      to: "p",
      isDone: false,
      read: changes.length,
      unchanged: 0,
      deleted: 0,
      quarantined: 0,
      changes: changes as Value[],
      ...more,
    }),
    apply: async (chunk: Fields): Promise<LedgerRow> => (await d.mutation("apply", chunk)) as LedgerRow,
  };
}

export function patch(id: string, expect: Fields, set: Fields, unset: string[] = [], absent: string[] = []): Fields {
  return { id, expect: expect as Value, absent, write: { kind: "patch", set: set as Value, unset } };
}

/** The code that a refused call threw as `ConvexError`. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ConvexError) {
      return (error.data as { code: string }).code;
    }
    return `not refused but failed: ${String(error)}`;
  }
  return "not refused";
}
