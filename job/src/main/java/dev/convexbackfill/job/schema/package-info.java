/** What the schemas of a deployment want of documents. */
@NullMarked
package dev.convexbackfill.job.schema;

import org.jspecify.annotations.NullMarked;
