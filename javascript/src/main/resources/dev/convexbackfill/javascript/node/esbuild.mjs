/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// Put before scripts that bundle.
import { createRequire } from "node:module";
import { join as joinPath } from "node:path";

/** The esbuild of the project that `folder` belongs to, or of the one that this process was started in. */
function findEsbuild(folder, advice) {
  const fromProject = createRequire(joinPath(folder, "any.js"));
  const fromHere = createRequire(joinPath(process.cwd(), "any.js"));
  const finders = [
    () => fromProject("esbuild"),
    // a dependency of the Convex library, and not always of the app
    () => createRequire(fromProject.resolve("convex/server"))("esbuild"),
    () => fromHere("esbuild"),
    () => createRequire(fromHere.resolve("convex/server"))("esbuild"),
  ];
  for (const find of finders) {
    try {
      return find();
    } catch {
      // perhaps the next
    }
  }
  throw new Error(`esbuild was not found. ${advice}`);
}

/** What was wrong with the sources, a line each, or what else has failed. */
function describeFailure(failure) {
  const errors = failure.errors?.map(
    (error) =>
      (error.location ? `${error.location.file}:${error.location.line}:${error.location.column}: ` : "") + error.text,
  );
  return errors?.join("\n") ?? failure.message;
}
