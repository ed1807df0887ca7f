@NullMarked
package dev.convexbackfill.partitioner.dispatch;

import org.jspecify.annotations.NullMarked;
