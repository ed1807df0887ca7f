import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

/**
 * An app that has grown: much of what it keeps is text, and what belongs together lies side by side. The schema already
 * allows the better shape beside the old one, as a migration needs it: first allow both, then move the documents, then
 * forbid the old.
 */
export default defineSchema({
  users: defineTable({
    // the old shape
    fullName: v.optional(v.string()),
    birthday: v.optional(v.string()),
    credits: v.optional(v.string()),
    newsletter: v.optional(v.union(v.string(), v.boolean())),
    theme: v.optional(v.string()),
    language: v.optional(v.string()),
    bio: v.optional(v.string()),
    city: v.optional(v.string()),
    interests: v.optional(v.union(v.string(), v.array(v.string()))),
    // in both
    email: v.string(),
    phone: v.optional(v.string()),
    website: v.optional(v.string()),
    visits: v.number(),
    // the new shape
    firstName: v.optional(v.string()),
    lastName: v.optional(v.string()),
    bornAt: v.optional(v.number()),
    balance: v.optional(v.int64()),
    settings: v.optional(v.object({ theme: v.string(), language: v.string() })),
    profile: v.optional(
      v.object({ bio: v.optional(v.string()), city: v.optional(v.string()), email: v.optional(v.string()) }),
    ),
  })
    .index("by_email", ["email"])
    .index("by_city", ["city", "visits"]),

  posts: defineTable({
    author: v.id("users"),
    title: v.string(),
    body: v.string(),
    status: v.union(v.literal("draft"), v.literal("published")),
    likes: v.number(),
    tags: v.optional(v.string()),
  })
    .index("by_author", ["author", "status"])
    .index("by_likes", ["likes"]),

  posts_v2: defineTable({
    authorId: v.id("users"),
    headline: v.string(),
    text: v.string(),
    isPublished: v.boolean(),
    likes: v.number(),
    tags: v.array(v.string()),
    meta: v.object({ version: v.number(), source: v.string() }),
  }).index("by_author", ["authorId"]),

  // of posts of either shape
  comments: defineTable({
    post: v.union(v.id("posts"), v.id("posts_v2")),
    related: v.optional(v.array(v.union(v.id("posts"), v.id("posts_v2")))),
    text: v.string(),
  }).index("by_post", ["post"]),

  // each field as it is and as it is to become
  orders: defineTable({
    total: v.union(v.string(), v.number()),
    zip: v.union(v.number(), v.string()),
    paid: v.union(v.string(), v.boolean()),
    orderedOn: v.union(v.string(), v.number()),
    shippedAt: v.optional(v.union(v.number(), v.string())),
    quantity: v.union(v.number(), v.int64()),
    stock: v.union(v.int64(), v.number()),
  }),

  events: defineTable({ user: v.id("users"), kind: v.string(), n: v.number() }).index("by_user", ["user"]),
});
