import fc from "fast-check";
import type { Fields } from "../contract/deployment.js";
import { documents, fieldNames, values } from "./values.js";
import type { Value } from "convex/values";

/** Where documents lie: two tables that take anything, and one whose `n` must be a number. */
export const DOCUMENT_TABLES = ["users", "others", "strict"] as const;
export type Table = (typeof DOCUMENT_TABLES)[number];

/** How a document is written; `table` is where an insert goes. */
export type Write =
  | { kind: "patch"; set: Fields; unset: string[] }
  | { kind: "replace"; document: Fields }
  | { kind: "delete" }
  | { kind: "insert"; table: Table; document: Fields };

export type Change = {
  /** Which document, of all that ever were. */
  document: number;
  /** Which fields of it are expected as they are, one bit each. */
  fields: number;
  /** What else is expected. */
  alsoExpected: Fields;
  absent: string[];
  write: Write;
};

/** Something that happens: an edit of the app's, or a call of a function. Runs, ranges and documents go by number. */
export type Operation =
  | { kind: "insert"; table: Table; document: Fields }
  | { kind: "patch"; document: number; fields: Fields }
  | { kind: "replace"; document: number; with: Fields }
  | { kind: "remove"; document: number }
  | { kind: "open"; run: number; token: number; table: Table; ranges: number }
  | { kind: "claim"; run: number; range: number; fence: number }
  | {
      kind: "apply";
      run: number;
      range: number;
      changes: Change[];
      /** How the chunk differs from the one that would follow. */
      wrong: { fence: number; sequence: number; from: boolean; read: number };
      to: string;
      isDone: boolean;
      unchanged: number;
      quarantined: number;
    }
  | { kind: "replay"; run: number; range: number; change: "nothing" | "to" | "isDone" | "changes" }
  | { kind: "readLedger"; run: number; from: number; count: number }
  | { kind: "documents"; documents: number[] }
  | { kind: "page"; table: Table; after: number; through: number; documents: number; bytes: number }
  | { kind: "count"; table: Table; after: number; through: number; documents: number }
  | { kind: "purge"; run: number; rows: number };

const table: fc.Arbitrary<Table> = fc.oneof(
  { weight: 4, arbitrary: fc.constant("users" as const) },
  { weight: 1, arbitrary: fc.constant("others" as const) },
  { weight: 2, arbitrary: fc.constant("strict" as const) },
);
const document = fc.nat(7);
const run = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) });
const range = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) });
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const number: fc.Arbitrary<Value> = fc.oneof(fc.integer({ min: 0, max: 3 }), values);
const fields = fc.oneof(
  documents,
  number.map((n) => ({ n })),
);
/** What the table takes, mostly. */
const inserts: fc.Arbitrary<{ table: Table; document: Fields }> = table.chain((into) =>
  fc.record({
    table: fc.constant(into),
    document: into === "strict" ? fc.double().map((n): Fields => ({ n })) : fields,
  }),
);

const write: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("patch"), set: fields, unset: fc.array(fieldNames, { maxLength: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("replace"), document: fields }) },
  { weight: 1, arbitrary: fc.constant({ kind: "delete" } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("insert"), table, document: fields }) },
) as fc.Arbitrary<Write>;

const change: fc.Arbitrary<Change> = fc.record({
  document,
  fields: fc.nat(15),
  alsoExpected: fc.oneof({ weight: 4, arbitrary: fc.constant<Fields>({}) }, { weight: 1, arbitrary: fields }),
  absent: fc.oneof(
    { weight: 3, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.array(fieldNames, { maxLength: 2 }) },
  ),
  write,
});

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: inserts.map((insert) => ({ kind: "insert" as const, ...insert })) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("patch" as const), document, fields }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("replace" as const), document, with: fields }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), document }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("open" as const),
      run,
      token: mostly(0, 1),
      table,
      ranges: mostly(2, 0, 1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("claim" as const), run, range, fence: fc.integer({ min: -1, max: 4 }) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("apply" as const),
      run,
      range,
      changes: fc.array(change, { maxLength: 4 }),
      wrong: fc.record({
        fence: mostly(0, -1, 1),
        sequence: mostly(0, -1, 1, 0.5),
        from: mostly(false, true),
        read: mostly(0, -1, 1, 0.5, NaN, Infinity),
      }),
      to: fc.constantFrom("p", "q", "r"),
      isDone: mostly(false, true),
      unchanged: fc.nat(2),
      quarantined: fc.nat(2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("replay" as const),
      run,
      range,
      change: fc.constantFrom("nothing", "to", "isDone", "changes"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("readLedger" as const),
      run,
      from: fc.integer({ min: -2, max: 3 }),
      count: mostly(5, -1, 0, 1, 1.5, Infinity),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("documents" as const), documents: fc.array(document, { maxLength: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("page" as const),
      table,
      after: fc.integer({ min: -1, max: 5 }),
      through: fc.integer({ min: -1, max: 5 }),
      documents: fc.integer({ min: 1, max: 5 }),
      bytes: fc.integer({ min: 1, max: 500 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("count" as const),
      table,
      after: fc.integer({ min: -1, max: 5 }),
      through: fc.integer({ min: -1, max: 5 }),
      documents: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("purge" as const), run, rows: mostly(1, -1, 0, 2, 0.5) }) },
);

/** A table with documents in it, a run over it, and whatever happens then. */
export const scenarios: fc.Arbitrary<Operation[]> = fc
  .tuple(
    table,
    fc.array(fields, { minLength: 1, maxLength: 4 }),
    fc.array(operation, { minLength: 1, maxLength: 25, size: "max" }),
  )
  .map(([over, documents, rest]) => [
    ...documents.map((document): Operation => ({ kind: "insert", table: over, document })),
    { kind: "open", run: 0, token: 0, table: over, ranges: 2 },
    { kind: "claim", run: 0, range: 0, fence: 1 },
    ...rest,
  ]);
