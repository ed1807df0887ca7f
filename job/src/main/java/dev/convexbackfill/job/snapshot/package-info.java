/** Rollback points that are kept as files: taking them, comparing them, putting a table back. */
@NullMarked
package dev.convexbackfill.job.snapshot;

import org.jspecify.annotations.NullMarked;
