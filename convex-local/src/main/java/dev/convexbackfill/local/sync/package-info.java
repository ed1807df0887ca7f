/** Convex's websocket protocol over a local deployment: queries that stay up to date, and mutations that happen once. */
@NullMarked
package dev.convexbackfill.local.sync;

import org.jspecify.annotations.NullMarked;
