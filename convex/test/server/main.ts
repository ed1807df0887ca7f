/**
 * Prints where it serves and ends with its standard input: `node --import tsx test/server/main.ts "four writes"`. Runs
 * `backfill.ts`, or the bundle of it that `BACKFILL_TEST_BUNDLE` names.
 */
import { pathToFileURL } from "node:url";
import { serve, type Limits } from "./adapter.js";

const key = process.env.BACKFILL_TEST_KEY;
if (key === undefined) {
  throw new Error("BACKFILL_TEST_KEY is not set; set it to the admin key that callers will use");
}
const bundle = process.env.BACKFILL_TEST_BUNDLE;
const installed = bundle === undefined ? undefined : await import(pathToFileURL(bundle).href);
const { url } = await serve((process.argv[2] ?? "usual") as Limits, key, installed);
console.log(url);
process.stdin.resume().once("close", () => process.exit(0));
