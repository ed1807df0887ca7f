/** Applies chunks so that each takes effect once, and settles what conflicted. */
@NullMarked
package dev.convexbackfill.readerswriters.writer;

import org.jspecify.annotations.NullMarked;
