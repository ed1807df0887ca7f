/** What one transaction may read and write, counted as Convex counts. */
@NullMarked
package dev.convexbackfill.local.limits;

import org.jspecify.annotations.NullMarked;
