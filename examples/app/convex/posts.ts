import { paginationOptsValidator } from "convex/server";
import { ConvexError, v } from "convex/values";
import { internal } from "./_generated/api";
import { action, internalMutation, mutation, query } from "./_generated/server";

export const create = mutation({
  args: { author: v.id("users"), title: v.string(), body: v.string(), tags: v.optional(v.string()) },
  handler: async (ctx, { author, title, body, tags }) => {
    if ((await ctx.db.get(author)) === null) {
      throw new ConvexError({ code: "noAuthor", author });
    }
    return await ctx.db.insert("posts", { author, title, body, tags, status: "draft", likes: 0 });
  },
});

export const publish = mutation({
  args: { id: v.id("posts") },
  handler: async (ctx, { id }) => {
    await ctx.db.patch(id, { status: "published" });
  },
});

export const like = mutation({
  args: { id: v.id("posts") },
  handler: async (ctx, { id }) => {
    const post = await ctx.db.get(id);
    if (post === null) {
      throw new ConvexError({ code: "gone", id });
    }
    await ctx.db.patch(id, { likes: post.likes + 1 });
  },
});

export const byAuthor = query({
  args: { author: v.id("users"), status: v.optional(v.union(v.literal("draft"), v.literal("published"))) },
  handler: async (ctx, { author, status }) =>
    await ctx.db
      .query("posts")
      .withIndex("by_author", (q) =>
        status === undefined ? q.eq("author", author) : q.eq("author", author).eq("status", status),
      )
      .collect(),
});

export const feed = query({
  args: { paginationOpts: paginationOptsValidator },
  handler: async (ctx, { paginationOpts }) =>
    await ctx.db
      .query("posts")
      .withIndex("by_likes")
      .order("desc")
      .filter((q) => q.eq(q.field("status"), "published"))
      .paginate(paginationOpts),
});

export const remove = mutation({
  args: { id: v.id("posts") },
  handler: async (ctx, { id }) => {
    await ctx.db.delete(id);
  },
});

/** An action: what it calls is committed one by one. */
export const publishAll = action({
  args: { author: v.id("users") },
  handler: async (ctx, { author }): Promise<number> => await ctx.runMutation(internal.posts.publishDrafts, { author }),
});

export const publishDrafts = internalMutation({
  args: { author: v.id("users") },
  handler: async (ctx, { author }) => {
    const drafts = await ctx.db
      .query("posts")
      .withIndex("by_author", (q) => q.eq("author", author).eq("status", "draft"))
      .collect();
    await Promise.all(drafts.map((draft) => ctx.db.patch(draft._id, { status: "published" })));
    console.log("published", drafts.length, "posts");
    return drafts.length;
  },
});

/** Makes posts of the users there are; the same for the same numbers. */
export const seed = internalMutation({
  args: { from: v.number(), count: v.number() },
  handler: async (ctx, { from, count }) => {
    const users = await ctx.db.query("users").take(100);
    if (users.length === 0) {
      throw new ConvexError({ code: "noUsers" });
    }
    for (let n = from; n < from + count; n++) {
      await ctx.db.insert("posts", {
        author: users[n % users.length]!._id,
        title: `Post ${n}: “ümlaut” & <tags>`,
        body: "lorem ".repeat(1 + (n % 20)),
        status: n % 3 === 0 ? "draft" : "published",
        likes: n % 17,
        tags: n % 4 === 0 ? undefined : `news, n${n % 5},news`,
      });
    }
    return count;
  },
});
