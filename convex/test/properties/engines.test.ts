import fc from "fast-check";
import { expect, test } from "vitest";
import { convexToJson, type Value } from "convex/values";
import { claimedRange, deployment, engines, patch, type Fields } from "../contract/deployment.js";
import { scenarios } from "./operations.js";
import { Scenario } from "./scenario.js";
import { values } from "./values.js";

/** Set BACKFILL_TEST_SEED to repeat what another run has tried. */
const seed = Number(process.env.BACKFILL_TEST_SEED ?? Math.floor(Math.random() * 0x7fffffff));
/** How many times the usual number of examples are tried. */
const times = Number(process.env.BACKFILL_TEST_TIMES ?? 1);
const MINUTE = 60_000;
/** A counterexample is made smaller for so long at most. */
const limits = { seed, interruptAfterTimeLimit: 2 * MINUTE * times, markInterruptAsFailure: true };

console.log(`The properties are tested with BACKFILL_TEST_SEED=${seed}`);

test(
  "the same calls have the same answers and leave the same documents everywhere",
  { timeout: 3 * MINUTE * times },
  async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (operations) => {
        const scenario = await Scenario.in(engines);
        for (const operation of operations) {
          await scenario.perform(operation);
        }
        await scenario.compareTables();
      }),
      { ...limits, numRuns: 60 * times },
    );
  },
);

/** Two values, often the same or nearly so. */
const pairs: fc.Arbitrary<[Value, Value]> = fc.oneof(
  values.map((value): [Value, Value] => [value, value]),
  fc.tuple(values, values),
  fc.tuple(values, values).map(([a, b]): [Value, Value] => [
    { a, b },
    { b, a },
  ]),
  fc.tuple(values, values).map(([a, b]): [Value, Value] => [{ a }, { a: b }]),
  fc.tuple(values, values).map(([a, b]): [Value, Value] => [
    [a, b],
    [b, a],
  ]),
);

test.each(engines)(
  "on $name a value is expected rightly exactly if it is encoded as the one that is there",
  { timeout: 3 * MINUTE * times },
  async (engine) => {
    const d = await deployment("usual", engine);
    await fc.assert(
      fc.asyncProperty(fc.array(pairs, { minLength: 1, maxLength: 30 }), async (all) => {
        await d.mutation("purge", { run: "r", rows: 1 });
        const range = await claimedRange(d);
        const ids = await d.insert("users", ...all.map(([there]): Fields => ({ x: there })));
        const row = await range.apply(range.chunk(all.map(([, expected], i) => patch(ids[i]!, { x: expected }, {}))));
        const others = all.flatMap(([there, expected], i) => (encoded(there) === encoded(expected) ? [] : ids[i]!));
        expect(row.skipped).toEqual(others.map((id) => ({ id, reason: "conflict" })));
      }),
      { ...limits, numRuns: 30 * times },
    );
  },
);

function encoded(value: Value): string {
  return JSON.stringify(convexToJson(value), (_, json: unknown) =>
    typeof json === "object" && json !== null && !Array.isArray(json)
      ? Object.fromEntries(Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1)))
      : json,
  );
}
