/** Documents that a run could not change, and why. */
@NullMarked
package dev.convexbackfill.readerswriters.quarantine;

import org.jspecify.annotations.NullMarked;
