import { makeFunctionReference } from "convex/server";
import { ConvexError, type Value } from "convex/values";
import { describe, expect, test } from "vitest";
import { client, engine, isTestRuntime } from "./deployment.js";

const echo = makeFunctionReference<"query", { value: Value }>("test:echo");
const anonymous = () => client(engine.urls.usual, null);

/** Convex's own client, unchanged, against a server that claims to be a deployment. */
describe("the official HTTP client", () => {
  test.each<[string, Value]>([
    ["null", null],
    ["numbers", [0, -0, 1.5, NaN, Infinity, -Infinity, 5e-324]],
    ["int64", [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)]],
    ["bytes", [new Uint8Array([0, 255, 16]).buffer, new ArrayBuffer(0)]],
    ["text", ["", "Côte d'Ivoire", "東京", "🗼", "\u0000"]],
    ["objects", { "": 1, a: { b: [{}] }, " x y": true }],
  ])("gets %s back as they were", async (_, value) => {
    expect(await anonymous().query(echo, { value })).toStrictEqual(value);
  });

  test("runs mutations and reads what they wrote", async () => {
    const c = anonymous();
    const insert = makeFunctionReference<"mutation">("test:insert");
    const [id] = (await c.mutation(insert, { table: "things", documents: [{ n: 1n }] })) as string[];
    expect(await c.query(makeFunctionReference<"query">("test:get"), { id })).toMatchObject({ _id: id, n: 1n });
  });

  // the test runtime knows the present only
  test.skipIf(isTestRuntime)("queries at one time do not see what comes later", async () => {
    const c = anonymous();
    const insert = makeFunctionReference<"mutation">("test:insert");
    const all = makeFunctionReference<"query">("test:all");
    await c.mutation(insert, { table: "moments", documents: [{ n: 1 }] });
    expect(await c.consistentQuery(all, { table: "moments" })).toHaveLength(1);
    await c.mutation(insert, { table: "moments", documents: [{ n: 2 }] });
    expect(await c.consistentQuery(all, { table: "moments" })).toHaveLength(1);
    expect(await c.query(all, { table: "moments" })).toHaveLength(2);
  });

  test("gets the data of a ConvexError exactly, and nothing was written", async () => {
    const failed = await anonymous()
      .mutation(makeFunctionReference<"mutation">("test:refuse"), {})
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ConvexError);
    expect((failed as ConvexError<Value>).data).toEqual({ kind: "nope", n: 7n });
    expect(await client().query(makeFunctionReference<"query">("test:all"), { table: "refused" })).toEqual([]);
  });

  test("gets the message of any other error", async () => {
    await expect(client().query(makeFunctionReference<"query">("test:fail"), {})).rejects.toThrow(
      /^\[Request ID: \w+\] Server Error\nUncaught Error: plain/,
    );
  });

  test("finds no function that is missing, internal, or of another kind", async () => {
    await expect(anonymous().query(makeFunctionReference<"query">("test:nothing"), {})).rejects.toThrow(
      /Could not find public function for 'test:nothing'/,
    );
    await expect(anonymous().query(makeFunctionReference<"query">("test:secret"), {})).rejects.toThrow(
      /Could not find public function for 'test:secret'/,
    );
    expect(await client().query(makeFunctionReference<"query">("test:secret"), {})).toBe("internal");
    await expect(client().query(makeFunctionReference<"query">("test:insert"), {})).rejects.toThrow(
      /Trying to execute test:insert as Query, but it is defined as Mutation/,
    );
  });

  test("is told which argument is wrong", async () => {
    await expect(client().query(makeFunctionReference<"query">("test:get"), { id: 5 })).rejects.toThrow(
      isTestRuntime ? /Validator error/ : /ArgumentValidationError: Value does not match validator/,
    );
  });

  test("is refused with a wrong key, or a user's token", async () => {
    await expect(client(engine.urls.usual, "test|wrong").query(echo, { value: 1 })).rejects.toThrow(/BadAdminKey/);
    const user = anonymous();
    user.setAuth("no.jwt.at.all");
    await expect(user.query(echo, { value: 1 })).rejects.toThrow(/NoAuthProvider/);
  });
});
