/** Prints where it serves and ends with its standard input: `node --import tsx test/server/main.ts "four writes"`. */
import { serve, type Limits } from "./adapter.js";

const key = process.env.BACKFILL_TEST_KEY;
if (key === undefined) {
  throw new Error("BACKFILL_TEST_KEY is not set; set it to the admin key that callers will use");
}
const { url } = await serve((process.argv[2] ?? "usual") as Limits, key);
console.log(url);
process.stdin.resume().once("close", () => process.exit(0));
