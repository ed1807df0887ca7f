/*
 * Copyright 2026 the convex-backfill authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 */
// Bundles a file that a plan names with all that it imports, and prints what comes out as JSON. Arguments: the plan's folder,
// and the file.
import path from "node:path";

const [folder, file] = process.argv.slice(2);

try {
  const esbuild = findEsbuild(path.dirname(path.resolve(folder, file)), `Install it: cd ${folder} && npm install esbuild`);
  const result = await esbuild.build({
    absWorkingDir: folder,
    entryPoints: [path.resolve(folder, file)],
    bundle: true,
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["module", "import"],
    format: "esm",
    target: "esnext",
    // beside the file, whose name in the source map is then its own
    outfile: path.join(folder, "out", "bundle.js"),
    write: false,
    sourcemap: "external",
    sourcesContent: false,
    treeShaking: true,
    // no comments, which would hold the paths of this machine
    minifyWhitespace: true,
    legalComments: "none",
    keepNames: true,
    logLevel: "silent",
  });
  const text = (end) => result.outputFiles.find((each) => each.path.endsWith(end)).text;
  const bundle = { text: text("bundle.js"), sourceMap: text("bundle.js.map") };
  await new Promise((done) => process.stdout.write(JSON.stringify(bundle), done));
  await esbuild.stop?.();
} catch (failure) {
  console.error(describeFailure(failure));
  process.exitCode = 1;
}
