/** Runs: from their creation through the Spring Batch job that executes them to their end, however often it is interrupted. */
@NullMarked
package dev.convexbackfill.job.run;

import org.jspecify.annotations.NullMarked;
