/** Who works on what: runs and ranges as tasks in the repository, taken over when their owner falls silent. */
@NullMarked
package dev.convexbackfill.partitioner.dispatch;

import org.jspecify.annotations.NullMarked;
