/** Undoing what a run has done, document by document. */
@NullMarked
package dev.convexbackfill.readerswriters.rollback;

import org.jspecify.annotations.NullMarked;
