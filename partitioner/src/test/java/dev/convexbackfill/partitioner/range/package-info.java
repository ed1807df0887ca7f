@NullMarked
package dev.convexbackfill.partitioner.range;

import org.jspecify.annotations.NullMarked;
