/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// Bundles the modules of an app with the options of Convex's command line, and prints what comes out as JSON. Arguments:
// the project's folder, that of the functions, the schema's file or nothing, and the files of the functions.
import { existsSync } from "node:fs";
import path from "node:path";

const [project, functions, schema, ...files] = process.argv.slice(2);

const inputs = new Set();

const GENERATED = {
  api: `import { anyApi } from "convex/server"; export const api = anyApi; export const internal = anyApi;`,
  server: `
    import { actionGeneric, httpActionGeneric, queryGeneric, mutationGeneric, internalActionGeneric,
      internalMutationGeneric, internalQueryGeneric } from "convex/server";
    export const query = queryGeneric, internalQuery = internalQueryGeneric;
    export const mutation = mutationGeneric, internalMutation = internalMutationGeneric;
    export const action = actionGeneric, internalAction = internalActionGeneric;
    export const httpAction = httpActionGeneric;
    export const env = process.env;`,
  dataModel: "",
};

/** What `npx convex codegen` writes, where it has not been written. */
const generated = {
  name: "generated",
  setup(build) {
    build.onResolve({ filter: /_generated\/(api|server|dataModel)(\.[jt]s)?$/ }, (args) => {
      const target = path.resolve(args.resolveDir, args.path).replace(/\.[jt]s$/, "");
      const isMissing =
        path.dirname(target) === path.join(functions, "_generated") &&
        ![".js", ".ts"].some((end) => existsSync(target + end));
      return isMissing ? { path: path.basename(target), namespace: "generated" } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: "generated" }, (args) => ({
      contents: GENERATED[args.path],
      resolveDir: functions,
    }));
  },
};

const replaced = (name, filter, contents) => ({
  name,
  setup(build) {
    build.onResolve({ filter }, (args) => ({ path: args.path, namespace: name }));
    build.onLoad({ filter: /.*/, namespace: name }, () => ({ contents }));
  },
});
const asyncHooks = replaced(
  "async-hooks",
  /^(node:)?async_hooks$/,
  "export const AsyncLocalStorage = globalThis.AsyncLocalStorage; export const AsyncResource = globalThis.AsyncResource;",
);
const serverOnly = replaced("server-only", /^server-only$/, "");

async function bundle(esbuild, entryPoints) {
  const result = await esbuild.build({
    absWorkingDir: project,
    entryPoints,
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "esnext",
    jsx: "automatic",
    outdir: "out",
    outbase: functions,
    conditions: ["convex", "module"],
    write: false,
    sourcemap: true,
    sourcesContent: false,
    splitting: true,
    chunkNames: "_deps/[hash]",
    treeShaking: true,
    minifySyntax: true,
    minifyIdentifiers: true,
    minifyWhitespace: false,
    keepNames: true,
    define: { "process.env.NODE_ENV": '"production"' },
    metafile: true,
    logLevel: "silent",
    plugins: [asyncHooks, serverOnly, generated],
  });
  for (const input of Object.keys(result.metafile.inputs)) {
    // what packages have changes only with what is installed; the rest is no file
    if (!input.includes("node_modules/") && !/^[\w-]+:/.test(input)) inputs.add(input);
  }
  const out = path.join(project, "out");
  return Object.fromEntries(
    result.outputFiles.map((file) => [path.relative(out, file.path).replaceAll("\\", "/"), file.text]),
  );
}

try {
  const esbuild = findEsbuild(functions, `Install the packages of the app: cd ${project} && npm install convex`);
  const inFunctions = (file) => path.join(functions, file);
  const output = { functions: files.length === 0 ? {} : await bundle(esbuild, files.map(inFunctions)) };
  if (schema !== "") {
    output.schema = await bundle(esbuild, [inFunctions(schema)]);
  }
  output.inputs = [...inputs];
  await new Promise((done) => process.stdout.write(JSON.stringify(output), done));
  await esbuild.stop?.();
} catch (failure) {
  console.error(describeFailure(failure));
  process.exitCode = 1;
}
