/** What is remembered of how a run went: which processes executed it, and what it did in which time. */
@NullMarked
package dev.convexbackfill.job.history;

import org.jspecify.annotations.NullMarked;
