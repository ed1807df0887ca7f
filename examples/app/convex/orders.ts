import { v } from "convex/values";
import { internalMutation } from "./_generated/server";

/** Makes orders of which nearly everything is of the wrong type; the same for the same numbers. */
export const seed = internalMutation({
  args: { from: v.number(), count: v.number() },
  handler: async (ctx, { from, count }) => {
    for (let n = from; n < from + count; n++) {
      await ctx.db.insert("orders", {
        total: n % 29 === 0 ? "12,50" : `${n}.${String(n % 100).padStart(2, "0")}`,
        zip: 1000 + n,
        paid: n % 2 === 0 ? "yes" : "no",
        orderedOn: `2024-0${1 + (n % 9)}-1${n % 10}`,
        shippedAt: n % 3 === 0 ? undefined : Date.UTC(2024, n % 12, 1 + (n % 28), 23, 30),
        quantity: n % 5,
        stock: BigInt(n) - 50n,
      });
    }
    return count;
  },
});
