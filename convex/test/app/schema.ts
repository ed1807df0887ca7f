import { defineSchema, defineTable, type GenericSchema, type SchemaDefinition } from "convex/server";
import { v } from "convex/values";

/** Every table takes anything, except `strict`, whose `n` must be a number. */
const schema: SchemaDefinition<GenericSchema, boolean> = defineSchema(
  { strict: defineTable({ n: v.number() }) },
  { strictTableNameTypes: false },
);

export default schema;
