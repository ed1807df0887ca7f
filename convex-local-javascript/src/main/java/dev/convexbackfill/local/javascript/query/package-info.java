/** Queries as functions write them, {@code ctx.db.query(…)}: their JSON, conditions, and going through their results. */
@NullMarked
package dev.convexbackfill.local.javascript.query;

import org.jspecify.annotations.NullMarked;
