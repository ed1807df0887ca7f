/** What still refers to documents by ids that they have no more, since a rollback has put them back under new ones. */
@NullMarked
package dev.convexbackfill.job.reference;

import org.jspecify.annotations.NullMarked;
