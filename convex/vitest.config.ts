import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "test/server/setup.ts",
    // all tests share the deployments
    fileParallelism: false,
  },
});
