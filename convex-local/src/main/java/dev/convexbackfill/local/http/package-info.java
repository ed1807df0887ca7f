/** Convex's HTTP API over a local deployment. */
@NullMarked
package dev.convexbackfill.local.http;

import org.jspecify.annotations.NullMarked;
