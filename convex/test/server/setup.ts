import type { TestProject } from "vitest/node";
import { serve } from "./adapter.js";

/** Where nobody says which deployments to test, those are tested that the test runtime serves. */
export default async function setup(_: TestProject) {
  if (process.env.BACKFILL_TEST_ENGINES !== undefined) {
    return;
  }
  const key = (process.env.BACKFILL_TEST_KEY = "test|key");
  const usual = await serve("usual", key);
  const small = await serve("four writes", key);
  process.env.BACKFILL_TEST_ENGINES = JSON.stringify({ "convex-test": { usual: usual.url, "four writes": small.url } });
  return async () => {
    await usual.close();
    await small.close();
  };
}
