/** An app's folder of functions needs the real ones in it. */
export * from "../../backfill.js";
