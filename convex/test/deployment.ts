import {
  makeFunctionReference,
  defineSchema,
  defineTable,
  type SchemaDefinition,
  type GenericSchema,
} from "convex/server";
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

/** A deployment with `backfill.ts` installed. */
export function deployment(transactionLimits: { bytesRead?: number; documentsWritten?: number } | false = false) {
  const t = convexTest({ schema, modules, transactionLimits });
  return {
    query: async (name: string, args: Fields): Promise<unknown> =>
      await t.query(makeFunctionReference<"query">(`backfill:${name}`), args),
    mutation: async (name: string, args: Fields): Promise<unknown> =>
      await t.mutation(makeFunctionReference<"mutation">(`backfill:${name}`), args),
    insert: async (table: string, ...documents: Fields[]): Promise<string[]> =>
      await t.run(async (ctx) => {
        const ids: string[] = [];
        for (const document of documents) {
          ids.push((await ctx.db.insert(table as never, document as never)) as string);
        }
        return ids.sort();
      }),
    get: async (id: string): Promise<Fields | null> => {
      const document = await t.run(async (ctx) => await ctx.db.get(id as never));
      if (document === null) {
        return null;
      }
      const { _id, _creationTime, ...fields } = document as Fields;
      return fields;
    },
    patch: async (id: string, fields: Fields) =>
      await t.run(async (ctx) => await ctx.db.patch(id as never, fields as never)),
    remove: async (id: string) => await t.run(async (ctx) => await ctx.db.delete(id as never)),
    all: async (table: string): Promise<Fields[]> =>
      await t.run(async (ctx) => (await ctx.db.query(table as never).collect()) as Fields[]),
  };
}

/** One range over a whole table, claimed by fence 1, and a way to apply chunks that accounts for their changes. */
export async function claimedRange(d: ReturnType<typeof deployment>, table = "users") {
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
