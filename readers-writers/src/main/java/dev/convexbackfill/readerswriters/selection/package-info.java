/** Finds the documents that a plan selects by an index, before a run works on them. */
@NullMarked
package dev.convexbackfill.readerswriters.selection;

import org.jspecify.annotations.NullMarked;
