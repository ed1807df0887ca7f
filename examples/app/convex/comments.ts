import { ConvexError, v } from "convex/values";
import { internalMutation } from "./_generated/server";

/** Makes comments on the posts there are; the same for the same numbers. */
export const seed = internalMutation({
  args: { from: v.number(), count: v.number() },
  handler: async (ctx, { from, count }) => {
    const posts = await ctx.db.query("posts").take(500);
    if (posts.length === 0) {
      throw new ConvexError({ code: "noPosts" });
    }
    const post = (n: number) => posts[n % posts.length]!._id;
    for (let n = from; n < from + count; n++) {
      await ctx.db.insert("comments", {
        post: post(n),
        related: n % 3 === 0 ? undefined : [post(n + 1), post(n * 7)].slice(0, n % 3),
        text: `Comment ${n}`,
      });
    }
    return count;
  },
});
