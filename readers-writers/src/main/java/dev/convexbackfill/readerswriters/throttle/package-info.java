/** How fast a run may go. */
@NullMarked
package dev.convexbackfill.readerswriters.throttle;

import org.jspecify.annotations.NullMarked;
