/** The report of a rehearsal, for people, for machines, and as a page. */
@NullMarked
package dev.convexbackfill.job.rehearsal.report;

import org.jspecify.annotations.NullMarked;
