/** Tests of the command line. */
@NullMarked
package dev.convexbackfill.job.cli;

import org.jspecify.annotations.NullMarked;
