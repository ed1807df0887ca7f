/** Pages that stand alone: what the reports of rehearsals and runs share. */
@NullMarked
package dev.convexbackfill.job.page;

import org.jspecify.annotations.NullMarked;
