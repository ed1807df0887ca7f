/** How far a run is, for people and for machines. */
@NullMarked
package dev.convexbackfill.job.progress;

import org.jspecify.annotations.NullMarked;
