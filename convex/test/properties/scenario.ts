import { ConvexError, getDocumentSize, type Value } from "convex/values";
import { expect } from "vitest";
import { deployment, type Deployment, type Engine, type Fields, type LedgerRow } from "../contract/deployment.js";
import { Names } from "./names.js";
import { DOCUMENT_TABLES, type Change, type Operation, type Table, type Write } from "./operations.js";

/** One of the deployments to compare. */
type Participant = { engine: Engine; at: Deployment; names: Names };

/** What a call came to: a value, what it was refused with, or that it failed in any other way. */
type Outcome = { value: Value } | { refused: Value } | { failed: true };

type Row = LedgerRow & { table: string };

/** A range of a run, as it was last heard of, and the last chunk that was applied to it. */
type Range = { name: string; row: Row; last: ((p: Participant) => Fields) | null };

type Of<K extends Operation["kind"]> = Extract<Operation, { kind: K }>;

/** Does the same in several deployments, and fails as soon as two answers differ. */
export class Scenario {
  readonly #participants: Participant[];
  /** All documents that ever were. */
  readonly #documents: { name: string; table: Table }[] = [];
  /** By the numbers of runs. */
  readonly #ranges = new Map<number, Range[]>();

  #opened = 0;

  private constructor(participants: Participant[]) {
    this.#participants = participants;
  }

  static async in(engines: Engine[]): Promise<Scenario> {
    return new Scenario(
      await Promise.all(
        engines.map(async (engine) => ({ engine, at: await deployment("usual", engine), names: new Names() })),
      ),
    );
  }

  async perform(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case "insert":
        return await this.#insert(operation);
      case "patch":
        return await this.#edit(operation.document, (at, id, table) =>
          at.patch(id, fieldsAsEverywhere(operation.fields, table)),
        );
      case "replace":
        return await this.#edit(operation.document, (at, id, table) =>
          at.replace(id, fieldsAsEverywhere(operation.with, table)),
        );
      case "remove":
        return await this.#edit(operation.document, (at, id) => at.remove(id));
      case "open":
        return await this.#open(operation);
      case "claim":
        return await this.#claim(operation);
      case "apply":
        return await this.#apply(operation);
      case "replay":
        return await this.#replay(operation);
      case "readLedger": {
        const { run, from, count } = operation;
        await this.#same(({ at }) => at.query("readLedger", { run: `run ${run}`, from, count }));
        return;
      }
      case "documents": {
        const wanted = operation.documents.flatMap((number) => this.#documentOf(number)?.name ?? []);
        await this.#same(({ at, names }) => at.query("documents", { ids: wanted.map((name) => names.id(name)) }));
        return;
      }
      case "page":
      case "count":
        return await this.#read(operation);
      case "purge": {
        const { run, rows } = operation;
        await this.#same(({ at }) => at.mutation("purge", { run: `run ${run}`, rows }));
        return;
      }
    }
  }

  /** Compares all that there is. */
  async compareTables(): Promise<void> {
    for (const table of [...DOCUMENT_TABLES, "backfillLedger"]) {
      await this.#same(({ at }) => at.all(table));
    }
    // nobody is ever told the ids of these
    await this.#same(async ({ at }) => (await at.all("backfillRuns")).map(({ _id, ...run }) => run));
  }

  /** Returns what all deployments answered, as the first one put it. `learn` names new ids before they are compared. */
  async #same(
    call: (p: Participant) => Promise<unknown>,
    learn: (p: Participant, value: Value) => void = () => {},
  ): Promise<Outcome> {
    const outcomes = await Promise.all(this.#participants.map(async (p) => await outcomeOf(call(p))));
    const texts = outcomes.map((outcome, i) => {
      const participant = this.#participants[i]!;
      if ("value" in outcome) {
        learn(participant, outcome.value);
      }
      return participant.names.text(outcome);
    });
    for (const [i, text] of texts.entries()) {
      const [first, other] = [this.#participants[0]!, this.#participants[i]!];
      expect(text, `'${other.engine.name}' answers as '${first.engine.name}' does`).toBe(texts[0]);
    }
    return outcomes[0]!;
  }

  async #insert({ table, document }: Of<"insert">): Promise<void> {
    const name = `document ${this.#documents.length}`;
    const outcome = await this.#same(
      ({ at }) => at.insert(table, fieldsAsEverywhere(document, table)),
      ({ names }, ids) => names.add(name, (ids as string[])[0]!),
    );
    if ("value" in outcome) {
      this.#documents.push({ name, table });
    }
  }

  async #edit(number: number, edit: (at: Deployment, id: string, table: Table) => Promise<unknown>): Promise<void> {
    const document = this.#documentOf(number);
    if (document !== undefined) {
      await this.#same(async ({ at, names }) => {
        await edit(at, names.id(document.name), document.table);
        return null;
      });
    }
  }

  #documentOf(number: number, of = this.#documents): { name: string; table: Table } | undefined {
    return of[number % Math.max(of.length, 1)];
  }

  async #open({ run, token, table, ranges }: Of<"open">): Promise<void> {
    const args = {
      run: `run ${run}`,
      token: `token ${token}`,
      table,
      ranges: [
        { after: null, through: ranges === 2 ? "m" : null },
        ...(ranges === 2 ? [{ after: "m", through: null }] : []),
      ],
    };
    const opened = this.#opened++;
    const outcome = await this.#same(
      ({ at }) => at.mutation("openLedger", ranges === 0 ? { ...args, ranges: [] } : args),
      ({ names }, value) =>
        (value as { ledger: string[] }).ledger.forEach((id, i) => {
          if (names.name(id) === undefined) {
            names.add(`ledger ${opened} ${i}`, id);
          }
        }),
    );
    const read = await this.#same(({ at }) => at.query("readLedger", { run: args.run, from: 0, count: 9 }));
    if ("value" in outcome && "value" in read) {
      const { entries } = read.value as unknown as { entries: Row[] };
      const known = this.#ranges.get(run) ?? [];
      this.#ranges.set(
        run,
        (outcome.value as { ledger: string[] }).ledger.map((id, i) => {
          const name = this.#participants[0]!.names.name(id)!;
          return known.find((range) => range.name === name) ?? { name, row: entries[i]!, last: null };
        }),
      );
    }
  }

  #range(run: number, number: number): Range | undefined {
    return this.#ranges.get(run)?.[number];
  }

  async #claim({ run, range: number, fence }: Of<"claim">): Promise<void> {
    const range = this.#range(run, number);
    if (range !== undefined) {
      const outcome = await this.#same(({ at, names }) =>
        at.mutation("claim", { ledger: names.id(range.name), fence }),
      );
      range.row = "value" in outcome ? (outcome.value as unknown as Row) : range.row;
    }
  }

  async #apply(operation: Of<"apply">): Promise<void> {
    const range = this.#range(operation.run, operation.range);
    if (range === undefined) {
      return;
    }
    const { row } = range;
    const own = this.#participants[0]!.names;
    const unsettled = row.skipped.flatMap(({ id, reason }) => (reason === "missing" ? [] : own.name(id)!));
    const settles = unsettled.length > 0;
    const changes = await this.#changes(operation.changes, row.table, settles ? unsettled : undefined);
    const read = settles ? 0 : changes.length + operation.unchanged + operation.quarantined;
    const { wrong } = operation;
    const chunk = (p: Participant): Fields => ({
      ledger: p.names.id(range.name),
      fence: row.fence + wrong.fence,
      sequence: row.sequence + 1 + wrong.sequence,
      from: wrong.from ? "x" : row.position,
      to: settles ? row.position : operation.to,
      isDone: settles ? row.isDone : operation.isDone,
      read: read + wrong.read,
      unchanged: settles ? 0 : operation.unchanged,
      deleted: 0,
      quarantined: settles ? unsettled.length - changes.length : operation.quarantined,
      changes: changes.map(({ name, change }) => ({ ...change, id: p.names.id(name) }) as unknown as Value),
    });
    await this.#send(range, chunk);
  }

  /** Sends a chunk, and remembers it if it was applied. */
  async #send(range: Range, chunk: (p: Participant) => Fields): Promise<void> {
    const inserted = this.#documents.length;
    const outcome = await this.#same(
      (p) => p.at.mutation("apply", chunk(p)),
      ({ names }, value) =>
        (value as LedgerRow).inserted
          .filter(({ target }) => names.name(target) === undefined)
          .forEach(({ target }, i) => names.add(`document ${inserted + i}`, target)),
    );
    if ("value" in outcome) {
      range.row = outcome.value as unknown as Row;
      range.last = chunk;
      const { names, at } = this.#participants[0]!;
      for (const { target } of range.row.inserted) {
        const name = names.name(target)!;
        if (this.#documents.every((document) => document.name !== name)) {
          this.#documents.push({ name, table: await tableOf(at, target) });
        }
      }
    }
  }

  /** The changes as they are sent, but for the ids: at most one a document, mostly, and of the documents that are to be settled. */
  async #changes(wanted: Change[], table: string, unsettled: string[] | undefined) {
    const changes: { name: string; change: Fields }[] = [];
    const ofTable = this.#documents.filter((document) => document.table === table);
    for (const [i, { document, fields, alsoExpected, absent, write }] of wanted.entries()) {
      const name =
        unsettled === undefined ? this.#documentOf(document, document === 7 ? undefined : ofTable)?.name : unsettled[i];
      const isTwice = changes.some((change) => change.name === name);
      if (name === undefined || (isTwice && fields !== 15)) {
        continue;
      }
      const now = await this.#same(({ at, names }) => at.get(names.id(name)));
      const present = Object.entries(("value" in now ? (now.value as Fields | null) : null) ?? {});
      // every write but a patch takes a document of which all is known, so mostly it is
      const isWhole = write.kind !== "patch" && fields < 12;
      const expect = Object.fromEntries(present.filter((_, field) => isWhole || (fields >> field) % 2 === 1));
      changes.push({
        name,
        change: {
          expect: { ...expect, ...alsoExpected } as Value,
          absent,
          write: writeAsEverywhere(write, table) as unknown as Value,
        },
      });
    }
    return changes;
  }

  async #replay({ run, range: number, change }: Of<"replay">): Promise<void> {
    const range = this.#range(run, number);
    const last = range?.last ?? null;
    if (range === undefined || last === null) {
      return;
    }
    await this.#same((p) => {
      const chunk = last(p);
      switch (change) {
        case "nothing":
          return p.at.mutation("apply", chunk);
        case "to":
          return p.at.mutation("apply", { ...chunk, to: "elsewhere" });
        case "isDone":
          return p.at.mutation("apply", { ...chunk, isDone: !chunk.isDone });
        case "changes":
          return p.at.mutation("apply", { ...chunk, changes: [] });
      }
    });
  }

  /**
   * Pages and counts go by ids, which are others in each deployment: so each answer is held against all documents of that
   * deployment, which are compared.
   */
  async #read(operation: Of<"page"> | Of<"count">): Promise<void> {
    const { table } = operation;
    await this.#same(({ at }) => at.all(table));
    for (const { engine, at, names } of this.#participants) {
      const ids = this.#documents.filter((document) => document.table === table).map(({ name }) => names.id(name));
      const bound = (rank: number) => ids.sort()[rank] ?? null;
      const [after, through] = [bound(operation.after), bound(operation.through)];
      const inRange = ((await at.all(table)) as { _id: string }[])
        .filter(({ _id }) => (after === null || _id > after) && (through === null || _id <= through))
        .sort((a, b) => (a._id < b._id ? -1 : 1));
      const args = { table, after, through, documents: operation.documents };
      if (operation.kind === "page") {
        const page = await at.query("page", { ...args, bytes: operation.bytes });
        const expected = pageOf(inRange, operation.documents, operation.bytes, engine);
        expect(names.text(page), `the page of '${engine.name}'`).toBe(names.text(expected));
      } else {
        const { documents, isDone } = pageOf(inRange, operation.documents, Infinity, engine);
        expect(await at.query("count", args), `the count of '${engine.name}'`).toEqual({
          documents: documents.length,
          position: documents[documents.length - 1]?._id ?? null,
          isDone,
        });
      }
    }
  }
}

/**
 * A write without that in which the test runtime's schemas are wrong. Convex applies a patch before it looks at the result
 * (PatchValue::apply in crates/database/src/patch.rs), so that unsetting a field is no reason to reject it, whether or not
 * the schema knows that field.
 */
function writeAsEverywhere(write: Write, table: string): Write {
  switch (write.kind) {
    case "patch":
      return {
        ...write,
        set: fieldsAsEverywhere(write.set, table),
        unset: table === "strict" ? write.unset.filter((field) => field === "n") : write.unset,
      };
    case "replace":
      return { ...write, document: fieldsAsEverywhere(write.document, table) };
    case "insert":
      return { ...write, document: fieldsAsEverywhere(write.document, write.table) };
    case "delete":
      return write;
  }
}

/**
 * Fields without those in which the test runtime's schemas are wrong: a name that every object of JavaScript knows passes as
 * one that the schema has, as it does not in Convex (check_value_internal in crates/common/src/schemas/validator.rs).
 */
function fieldsAsEverywhere(fields: Fields, table: string): Fields {
  return table === "strict" ? Object.fromEntries(Object.entries(fields).filter(([field]) => !(field in {}))) : fields;
}

async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    return { value: (await call) as Value };
  } catch (error) {
    if (error instanceof ConvexError) {
      return { refused: error.data as Value };
    }
    // a function that fails says so in an envelope; anything else is no answer at all
    if (error instanceof Error && /^\[Request ID: \w+\] Server Error/.test(error.message)) {
      return { failed: true };
    }
    throw error;
  }
}

/** The page that begins with the first of these documents. */
function pageOf<T>(
  documents: T[],
  maximum: number,
  bytes: number,
  engine: Engine,
): { documents: T[]; isDone: boolean } {
  let size = 0;
  for (const [i, document] of documents.entries()) {
    size += getDocumentSize(document as Record<string, Value>);
    if (size >= bytes) {
      return { documents: documents.slice(0, i + 1), isDone: false };
    }
    if (i + 1 === maximum) {
      // a deployment does not look whether another one follows (read_page_from_query in async_syscall.rs)
      const isDone = engine.name === "convex-test" && documents.length === maximum;
      return { documents: documents.slice(0, maximum), isDone };
    }
  }
  return { documents, isDone: true };
}

async function tableOf(at: Deployment, id: string): Promise<Table> {
  for (const table of DOCUMENT_TABLES) {
    if ((await at.all(table)).some(({ _id }) => _id === id)) {
      return table;
    }
  }
  throw new Error(`'${id}' is in no table`);
}
