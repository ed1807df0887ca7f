/** The report of a run: put together, kept, and shown for people, for machines, and as a page. */
@NullMarked
package dev.convexbackfill.job.report;

import org.jspecify.annotations.NullMarked;
