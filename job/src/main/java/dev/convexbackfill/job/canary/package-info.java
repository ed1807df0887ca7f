/** Runs that change a slice of their documents first, and wait for a person before they change the others. */
@NullMarked
package dev.convexbackfill.job.canary;

import org.jspecify.annotations.NullMarked;
