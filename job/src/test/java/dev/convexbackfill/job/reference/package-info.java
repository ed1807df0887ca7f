/** Tests of snapshots. */
@NullMarked
package dev.convexbackfill.job.reference;

import org.jspecify.annotations.NullMarked;
