import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { ConvexError, type Value } from "convex/values";
import type { Limits } from "../server/adapter.js";

export type Fields = Record<string, Value | undefined>;

/** Something that serves the functions: a name, and a deployment for each setting of the limits. */
export type Engine = { name: string; urls: Record<Limits, string> };

/** All that are to be tested, by the environment: `{"name": {"usual": "http://…", "four writes": "http://…"}}`. */
export const engines: Engine[] = Object.entries(
  JSON.parse(process.env.BACKFILL_TEST_ENGINES!) as Record<string, Record<Limits, string>>,
).map(([name, urls]) => ({ name, urls }));

/** The first of them; tests that don't compare engines run against this one. */
export const engine: Engine = engines[0]!;

/**
 * True where Convex's own test runtime serves, which lets more pass than a deployment does. A test that it can't pass says
 * what a deployment does instead.
 */
export const isTestRuntime = engine.name === "convex-test";

/** All tables that tests use. */
const TABLES = [
  "backfillRuns",
  "backfillLedger",
  "users",
  "users_v2",
  "strict",
  "others",
  "places",
  "refused",
  "things",
  "moments",
];

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

/** A deployment that the tests can look into. */
export type Deployment = {
  query: (name: string, args: Fields) => Promise<unknown>;
  mutation: (name: string, args: Fields) => Promise<unknown>;
  /** Returns the new ids in the order of the documents, which need not be the order of ids. */
  insert: (table: string, ...documents: Fields[]) => Promise<string[]>;
  get: (id: string) => Promise<Fields | null>;
  patch: (id: string, fields: Fields) => Promise<unknown>;
  replace: (id: string, document: Fields) => Promise<unknown>;
  remove: (id: string) => Promise<unknown>;
  all: (table: string) => Promise<Fields[]>;
};

/** Convex's own client, with the admin key unless another or none is given. */
export function client(url = engine.urls.usual, key: string | null = process.env.BACKFILL_TEST_KEY!): ConvexHttpClient {
  const made = new ConvexHttpClient(url, { logger: false }) as ConvexHttpClient & {
    setAdminAuth: (key: string) => void;
  };
  if (key !== null) {
    made.setAdminAuth(key);
  }
  return made;
}

/** An empty deployment with the functions of `backfill.ts`, and those of `app/test.ts` to look into it. */
export async function deployment(limits: Limits = "usual", on: Engine = engine): Promise<Deployment> {
  const http = client(on.urls[limits]);
  const query = async (path: string, args: Fields) => await http.query(makeFunctionReference<"query">(path), args);
  const mutation = async (path: string, args: Fields) =>
    await http.mutation(makeFunctionReference<"mutation">(path), args);
  const reset = async () =>
    (await mutation("test:reset", { tables: TABLES, rows: limits === "usual" ? 1000 : 4 })) as { isDone: boolean };
  while (!(await reset()).isDone) {
    // the next part
  }
  return {
    query: async (name, args) => await query(`backfill:${name}`, args),
    mutation: async (name, args) => await mutation(`backfill:${name}`, args),
    insert: async (table, ...documents) =>
      (await mutation("test:insert", { table, documents: documents as Value[] })) as string[],
    get: async (id) => withoutSystemFields((await query("test:get", { id })) as Fields | null),
    patch: async (id, fields) => await mutation("test:patch", { id, fields: fields as Value }),
    replace: async (id, document) => await mutation("test:replace", { id, document: document as Value }),
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

/** A ledger row before anything was applied. */
export const FRESH_ROW = {
  fence: 0,
  sequence: 0,
  appliedBy: 0,
  isDone: false,
  read: 0,
  changed: 0,
  unchanged: 0,
  deleted: 0,
  quarantined: 0,
  conflicts: 0,
  skipped: [],
  inserted: [],
};

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

/** What a refused call threw as `ConvexError`. */
export async function refusal(call: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ConvexError) {
      return error.data as { code: string; message: string };
    }
    throw new Error(`The call was not refused but failed: ${String(error)}`);
  }
  throw new Error("The call was not refused");
}

/** The code of that. */
export async function refusalCode(call: Promise<unknown>): Promise<string> {
  return (await refusal(call)).code;
}
