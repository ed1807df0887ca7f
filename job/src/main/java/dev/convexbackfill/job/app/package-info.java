/** Puts the application together. */
@NullMarked
package dev.convexbackfill.job.app;

import org.jspecify.annotations.NullMarked;
