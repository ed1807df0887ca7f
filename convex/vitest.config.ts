import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // the runtime that is nearest to Convex's own
    environment: "edge-runtime",
    server: { deps: { inline: ["convex-test"] } },
  },
});
