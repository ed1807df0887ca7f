/** Convex values, their JSON form, size and order, and document ids. */
@NullMarked
package dev.convexbackfill.client.value;

import org.jspecify.annotations.NullMarked;
