/** Functions that let tests look into a deployment from outside, and fail as apps do. */
import { internalMutationGeneric, internalQueryGeneric, mutationGeneric, queryGeneric } from "convex/server";
import { ConvexError, v, type GenericId } from "convex/values";

export const insert = mutationGeneric({
  args: { table: v.string(), documents: v.array(v.any()) },
  handler: async (ctx, { table, documents }) => {
    const ids: string[] = [];
    for (const document of documents) {
      ids.push(await ctx.db.insert(table, document));
    }
    return ids;
  },
});

export const get = queryGeneric({
  args: { id: v.string() },
  handler: async (ctx, { id }) => await ctx.db.get(id as GenericId<string>),
});

export const patch = mutationGeneric({
  args: { id: v.string(), fields: v.any() },
  handler: async (ctx, { id, fields }) => {
    await ctx.db.patch(id as GenericId<string>, fields);
  },
});

export const replace = mutationGeneric({
  args: { id: v.string(), document: v.any() },
  handler: async (ctx, { id, document }) => {
    await ctx.db.replace(id as GenericId<string>, document);
  },
});

export const remove = mutationGeneric({
  args: { id: v.string() },
  handler: async (ctx, { id }) => {
    await ctx.db.delete(id as GenericId<string>);
  },
});

export const all = queryGeneric({
  args: { table: v.string() },
  handler: async (ctx, { table }) => await ctx.db.query(table).take(8000),
});

/** Empties tables, at most `rows` documents at once; call it until it is done. */
export const reset = internalMutationGeneric({
  args: { tables: v.array(v.string()), rows: v.number() },
  handler: async (ctx, { tables, rows }) => {
    let left = rows;
    for (const table of tables) {
      const documents = await ctx.db.query(table).take(left);
      await Promise.all(documents.map(({ _id }) => ctx.db.delete(_id as GenericId<string>)));
      left -= documents.length;
      if (left === 0) {
        return { isDone: false };
      }
    }
    return { isDone: true };
  },
});

export const echo = queryGeneric({
  args: { value: v.any() },
  handler: async (_, { value }) => value,
});

export const refuse = mutationGeneric({
  args: {},
  handler: async (ctx) => {
    await ctx.db.insert("refused", {});
    throw new ConvexError({ kind: "nope", n: 7n });
  },
});

export const fail = queryGeneric({
  args: {},
  handler: async () => {
    throw new Error("plain");
  },
});

export const secret = internalQueryGeneric({ args: {}, handler: async () => "internal" });
