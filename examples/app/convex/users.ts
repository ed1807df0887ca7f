import { paginationOptsValidator } from "convex/server";
import { ConvexError, v } from "convex/values";
import { internal } from "./_generated/api";
import { internalMutation, internalQuery, mutation, query } from "./_generated/server";
import { displayName, nameParts } from "./lib/names";

const GIVEN = ["Ada", "Grace", "José", "Zoë", "王", "Мария", "Ngozi", "D’Arcy", "Björk", "Иван"];
const FAMILY = ["Lovelace", "Hopper", "García Márquez", "O'Neill", "小明", "Иванова", "Okonjo-Iweala", "von Neumann"];
const CITIES = ["Paris", "Lagos", "São Paulo", "東京", "Reykjavík"];

export const create = mutation({
  args: { fullName: v.string(), email: v.string(), city: v.optional(v.string()) },
  returns: v.id("users"),
  handler: async (ctx, { fullName, email, city }) => {
    const existing = await ctx.db
      .query("users")
      .withIndex("by_email", (q) => q.eq("email", email))
      .unique();
    if (existing !== null) {
      throw new ConvexError({ code: "emailTaken", email });
    }
    return await ctx.db.insert("users", { fullName, email, city, visits: 0 });
  },
});

export const get = query({
  args: { id: v.id("users") },
  handler: async (ctx, { id }) => {
    const user = await ctx.db.get(id);
    return user === null ? null : { ...user, name: displayName(user) };
  },
});

export const byEmail = query({
  args: { email: v.string() },
  handler: async (ctx, { email }) =>
    await ctx.db
      .query("users")
      .withIndex("by_email", (q) => q.eq("email", email))
      .unique(),
});

export const inCity = query({
  args: { city: v.string(), atLeast: v.number() },
  handler: async (ctx, { city, atLeast }) =>
    await ctx.db
      .query("users")
      .withIndex("by_city", (q) => q.eq("city", city).gte("visits", atLeast))
      .order("desc")
      .take(50),
});

export const list = query({
  args: { paginationOpts: paginationOptsValidator },
  handler: async (ctx, { paginationOpts }) => await ctx.db.query("users").paginate(paginationOpts),
});

/** What the app does all the time: counts a visit, and writes a numbered event beside it. */
export const visit = mutation({
  args: { id: v.id("users"), n: v.number() },
  handler: async (ctx, { id, n }) => {
    const user = await ctx.db.get(id);
    if (user === null) {
      throw new ConvexError({ code: "gone", id });
    }
    await ctx.db.patch(id, { visits: user.visits + 1 });
    await ctx.db.insert("events", { user: id, kind: "visit", n });
    return user.visits + 1;
  },
});

/** Writes the shape that the user has: one that a migration has moved stays in the new one. */
export const rename = mutation({
  args: { id: v.id("users"), fullName: v.string() },
  handler: async (ctx, { id, fullName }) => {
    const user = await ctx.db.get(id);
    if (user === null) {
      throw new ConvexError({ code: "gone", id });
    }
    await ctx.db.patch(id, user.firstName === undefined ? { fullName } : nameParts(fullName));
    await ctx.scheduler.runAfter(0, internal.users.renamed, { id });
  },
});

export const renamed = internalMutation({
  args: { id: v.id("users") },
  handler: async (ctx, { id }) => {
    await ctx.db.insert("events", { user: id, kind: "renamed", n: 0 });
  },
});

/** Makes users whose values are as odd as real ones; the same for the same numbers. */
export const seed = internalMutation({
  args: { from: v.number(), count: v.number() },
  handler: async (ctx, { from, count }) => {
    for (let n = from; n < from + count; n++) {
      const given = GIVEN[n % GIVEN.length]!;
      const family = FAMILY[n % FAMILY.length]!;
      await ctx.db.insert("users", {
        fullName: n % 23 === 0 ? given : n % 7 === 0 ? ` ${given}  ${given} ${family} ` : `${given} ${family}`,
        email: n % 5 === 0 ? ` User${n}@Example.COM ` : `user${n}@example.com`,
        phone: n % 3 === 0 ? undefined : `(650) 253-${String(n % 10000).padStart(4, "0")}`,
        website: n % 4 === 0 ? `HTTP://Example.com:80/u/${n}` : undefined,
        birthday: `19${String(50 + (n % 50))}-0${1 + (n % 9)}-1${n % 10}`,
        credits: n % 11 === 0 ? "" : String(n * 7),
        newsletter: n % 2 === 0 ? "true" : "false",
        theme: n % 3 === 0 ? "dark" : "light",
        language: n % 2 === 0 ? "en" : undefined,
        bio: n % 4 === 1 ? `I am ${given} 👩‍💻` : undefined,
        city: CITIES[n % CITIES.length],
        interests: n % 6 === 0 ? "" : "maps, music ,maps",
        visits: n % 10,
      });
    }
    return count;
  },
});

export const count = internalQuery({
  args: {},
  handler: async (ctx) => (await ctx.db.query("users").collect()).length,
});
