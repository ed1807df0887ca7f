import fc from "fast-check";
import type { Value } from "convex/values";
import type { Fields } from "../contract/deployment.js";

const INT64_MAX = 2n ** 63n - 1n;

/**
 * Names of fields: those that objects of JavaScript inherit, those that look like numbers, and others. None begins with an
 * underscore, which Convex keeps to itself at the top; `__proto__` is lost in every object that Convex's library decodes.
 */
export const fieldNames: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("a", "b", "n") },
  { weight: 2, arbitrary: fc.constantFrom("constructor", "toString", "valueOf", "hasOwnProperty") },
  { weight: 1, arbitrary: fc.constantFrom("", " ", "1", "10", "-1", "a.b", "a-b", "A", "~", "length", "undefined") },
  {
    weight: 1,
    arbitrary: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 8 }).filter((name) => !/^[$_]/.test(name)),
  },
);

const texts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.string({ unit: "grapheme-composite", maxLength: 4 }),
  fc.constantFrom("", "\u0000", "\u{1f5fc}", "\uffff", "e\u0301", "\u00e9", "\ufeff", "\u2028", "null", "0"),
);

const bytes: fc.Arbitrary<Value> = fc.uint8Array({ maxLength: 6 }).map((array) => array.slice().buffer);

const scalars: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.constantFrom(0, -0, 1, NaN, Infinity, -Infinity, 5e-324, 2 ** 53, Number.MAX_VALUE),
  fc.bigInt({ min: -INT64_MAX - 1n, max: INT64_MAX }),
  fc.constantFrom(0n, 1n, INT64_MAX, -INT64_MAX - 1n),
  texts,
  bytes,
);

/** All that can be in a field. */
export const values: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 6, arbitrary: scalars },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
    { weight: 1, arbitrary: objects(tie("value")) as fc.Arbitrary<Value> },
  ),
})).value;

/** Documents without the fields of the system. */
export const documents: fc.Arbitrary<Fields> = objects(values);

function objects(fields: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> {
  return fc
    .uniqueArray(fc.tuple(fieldNames, fields), { maxLength: 4, selector: ([name]) => name })
    .map((entries) => Object.fromEntries(entries));
}
