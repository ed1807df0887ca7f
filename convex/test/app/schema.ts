import { defineSchema, defineTable, type GenericSchema, type SchemaDefinition } from "convex/server";
import { v } from "convex/values";

/** Every table takes anything, except `strict`, whose `n` must be a number; `places` has an index. */
const schema: SchemaDefinition<GenericSchema, boolean> = defineSchema(
  {
    strict: defineTable({ n: v.number() }),
    places: defineTable(v.any()).index("by_country", ["country", "facts.size"]),
  },
  { strictTableNameTypes: false },
);

export default schema;
