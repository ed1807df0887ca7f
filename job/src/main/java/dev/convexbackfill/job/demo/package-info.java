/** A tour on real data. */
@NullMarked
package dev.convexbackfill.job.demo;

import org.jspecify.annotations.NullMarked;
