@NullMarked
package dev.convexbackfill.job.rehearsal;

import org.jspecify.annotations.NullMarked;
