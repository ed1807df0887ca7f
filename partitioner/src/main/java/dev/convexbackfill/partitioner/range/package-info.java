/** Ranges: slices of a table, computed once when a run begins, and how far each is. */
@NullMarked
package dev.convexbackfill.partitioner.range;

import org.jspecify.annotations.NullMarked;
