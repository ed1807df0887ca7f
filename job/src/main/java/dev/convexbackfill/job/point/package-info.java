/** Rollback points: what a deployment is at one time, as far as it can be told without its documents. */
@NullMarked
package dev.convexbackfill.job.point;

import org.jspecify.annotations.NullMarked;
