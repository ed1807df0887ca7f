/** Tests of snapshots. */
@NullMarked
package dev.convexbackfill.job.schema;

import org.jspecify.annotations.NullMarked;
