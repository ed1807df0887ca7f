/**
 * Serves the functions over HTTP as a deployment does, on Convex's own test runtime: so much of the API as calls of
 * queries and mutations need. One call runs at a time, as the runtime has one transaction at a time.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { makeFunctionReference } from "convex/server";
import { ConvexError, convexToJson, jsonToConvex, type JSONValue, type Value } from "convex/values";
import { convexTest } from "convex-test";
import * as backfill from "../app/backfill.js";
import schema from "../app/schema.js";
import * as test from "../app/test.js";

/** What one transaction may do: as much as in a deployment, or four writes. */
export type Limits = "usual" | "four writes";

type Kind = "query" | "mutation";
type Installed = { isQuery?: boolean; isMutation?: boolean; isInternal?: boolean };
type Answer = { status: number; body: unknown };
type Module = Record<string, unknown>;
type Served = {
  modules: Record<string, Module>;
  run: (kind: Kind, path: string, args: Record<string, Value>) => Promise<Value>;
};

/** A call that is answered with a status and a code instead of an envelope. */
class RequestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Starts serving on a free port of loopback and returns the URL; `installed` is the module of our functions. */
export async function serve(
  limits: Limits,
  key: string,
  installed: Module = backfill,
): Promise<{ url: string; close: () => Promise<void> }> {
  const modules = { backfill: installed, test };
  const runtime = convexTest({
    schema,
    modules: {
      "../convex/_generated/api.js": async () => ({}),
      "../convex/backfill.ts": async () => modules.backfill,
      "../convex/test.ts": async () => modules.test,
    },
    transactionLimits: limits === "usual" ? true : { documentsWritten: 4 },
  });
  const run: Served["run"] = async (kind, path, args) =>
    kind === "query"
      ? await runtime.query(makeFunctionReference<"query">(path), args)
      : await runtime.mutation(makeFunctionReference<"mutation">(path), args);

  let last: Promise<unknown> = Promise.resolve();
  const server = createServer((request, response) => {
    last = last
      .then(async () => await answer(request, key, { modules, run }))
      .catch(refused)
      .then((answered) => send(response, answered));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function answer(request: IncomingMessage, key: string, served: Served): Promise<Answer> {
  const isAdmin = authenticate(request, key);
  switch (`${request.method} ${request.url}`) {
    case "GET /version":
      return { status: 200, body: "convex-test" };
    case "GET /api/check_admin_key":
      requireAdmin(isAdmin);
      return { status: 200, body: { success: true, allowedOps: [], isReadOnly: false } };
    case "POST /api/query":
      return await call(request, "query", isAdmin, served);
    case "POST /api/mutation":
      return await call(request, "mutation", isAdmin, served);
    case "POST /api/function":
      requireAdmin(isAdmin);
      return await call(request, null, true, served);
    default:
      throw new RequestError(404, "NotFound", `No route for ${request.method} ${request.url}`);
  }
}

/** Whether the caller is the admin; anonymous callers are not. */
function authenticate({ headers: { authorization } }: IncomingMessage, key: string): boolean {
  if (authorization === undefined) {
    return false;
  }
  const match = /^convex (.*)$/i.exec(authorization);
  if (match === null) {
    throw new RequestError(401, "NoAuthProvider", "No auth provider found matching the given token");
  }
  if (match[1] !== key) {
    throw new RequestError(401, "BadAdminKey", "The provided admin key was invalid for this instance");
  }
  return true;
}

function requireAdmin(isAdmin: boolean) {
  if (!isAdmin) {
    throw new RequestError(403, "BadDeployKey", "An admin key is needed");
  }
}

async function call(
  request: IncomingMessage,
  kind: Kind | null,
  isAdmin: boolean,
  { modules, run }: Served,
): Promise<Answer> {
  const { path, args, format } = await body(request);
  try {
    const actual = kindOf(modules, path, isAdmin);
    if (kind !== null && kind !== actual) {
      const name = (k: Kind) => (k === "query" ? "Query" : "Mutation");
      throw new Error(`Trying to execute ${path} as ${name(kind)}, but it is defined as ${name(actual)}.`);
    }
    const decoded = jsonToConvex(Array.isArray(args) ? (args[0] ?? {}) : args) as Record<string, Value>;
    const value = await run(actual, path, decoded);
    return envelope(format, { status: "success", value: convexToJson(value ?? null) });
  } catch (error) {
    const uncaught = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return envelope(format, {
      status: "error",
      errorMessage: `[Request ID: test] Server Error\nUncaught ${uncaught}`,
      ...(error instanceof ConvexError ? { errorData: convexToJson(error.data) } : {}),
    });
  }
}

async function body(request: IncomingMessage): Promise<{ path: string; args: JSONValue; format: string | undefined }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as never;
  } catch {
    throw new RequestError(400, "BadJsonBody", "The body is no JSON");
  }
}

function kindOf(modules: Served["modules"], path: string, isAdmin: boolean): Kind {
  const [module, name] = path.split(":");
  const installed = modules[module ?? ""]?.[name ?? "default"] as Installed | undefined;
  if (installed === undefined || (installed.isInternal && !isAdmin)) {
    throw new Error(`Could not find public function for '${path}'. Did you forget to run \`npx convex dev\`?`);
  }
  return installed.isQuery ? "query" : "mutation";
}

function envelope(format: string | undefined, envelope: unknown): Answer {
  if (format !== "convex_encoded_json") {
    throw new RequestError(400, "BadFormat", "Only the format convex_encoded_json is served here");
  }
  return { status: 200, body: envelope };
}

function refused(error: unknown): Answer {
  return error instanceof RequestError
    ? { status: error.status, body: { code: error.code, message: error.message } }
    : { status: 500, body: { code: "InternalServerError", message: String(error) } };
}

function send(response: ServerResponse, { status, body }: Answer) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "Content-Type": typeof body === "string" ? "text/plain" : "application/json" });
  response.end(text);
}
