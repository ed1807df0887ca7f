import { paginationOptsValidator } from "convex/server";
import { ConvexError, v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";

/** The users of a city, a page at a time: what `source` of name-members.yaml calls. It reads what the app itself decides on. */
export const inCity = internalQuery({
  args: { city: v.string(), paginationOpts: paginationOptsValidator },
  handler: async (ctx, { city, paginationOpts }) =>
    await ctx.db
      .query("users")
      .withIndex("by_city", (q) => q.eq("city", city))
      .paginate(paginationOpts),
});

/** The same for who pages by hand: the ids of users with few visits, in the order of their creation. */
export const quiet = internalQuery({
  args: { cursor: v.union(v.string(), v.null()), limit: v.number() },
  handler: async (ctx, { cursor, limit }) => {
    const users = await ctx.db
      .query("users")
      .withIndex("by_creation_time", (q) => q.gt("_creationTime", cursor === null ? 0 : Number(cursor)))
      .take(limit);
    const last = users[users.length - 1];
    return {
      items: users.filter(({ visits }) => visits < 3).map(({ _id }) => _id),
      nextCursor: last === undefined ? null : String(last._creationTime),
    };
  },
});

/**
 * Gives a user a first and a last name, and writes down that it did: what `sink` of name-members.yaml calls. A run may call it
 * again for a user, so it looks whether there is something to do; and it says `conflict` where the user has changed since the run
 * read it, which has the run read it again.
 */
export const setName = internalMutation({
  args: { userId: v.id("users"), seen: v.string(), firstName: v.string(), lastName: v.string() },
  handler: async (ctx, { userId, seen, firstName, lastName }) => {
    const user = await ctx.db.get(userId);
    if (user === null || (user.firstName === firstName && user.lastName === lastName)) {
      return;
    }
    if (user.fullName !== seen) {
      throw new ConvexError({ code: "conflict" });
    }
    if (lastName.length > 12) {
      throw new ConvexError({ code: "nameTooLong", lastName });
    }
    await ctx.db.patch(userId, { firstName, lastName });
    await ctx.db.insert("events", { user: userId, kind: "named", n: 1 });
  },
});

/** Forgets how often users came by: what `sink` of forget-visits.yaml calls, for many users at once. */
export const forgetVisits = internalMutation({
  args: { documents: v.array(v.object({ id: v.id("users") })) },
  handler: async (ctx, { documents }) => {
    for (const { id } of documents) {
      if ((await ctx.db.get(id)) !== null) {
        await ctx.db.patch(id, { visits: 0 });
      }
    }
  },
});
