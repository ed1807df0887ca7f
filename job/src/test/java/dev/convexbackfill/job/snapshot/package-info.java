/** Tests of snapshots. */
@NullMarked
package dev.convexbackfill.job.snapshot;

import org.jspecify.annotations.NullMarked;
