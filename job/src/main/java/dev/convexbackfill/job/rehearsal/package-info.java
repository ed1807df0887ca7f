/** What a run would do to every document of a table, found out without doing it. */
@NullMarked
package dev.convexbackfill.job.rehearsal;

import org.jspecify.annotations.NullMarked;
