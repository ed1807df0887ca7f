/** A client for Convex deployments: calls functions over HTTP and says exactly what became of each call. */
@NullMarked
package dev.convexbackfill.client;

import org.jspecify.annotations.NullMarked;
