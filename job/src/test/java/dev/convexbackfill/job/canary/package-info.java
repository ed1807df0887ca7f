/** Tests of runs and of the rules of the code. */
@NullMarked
package dev.convexbackfill.job.canary;

import org.jspecify.annotations.NullMarked;
