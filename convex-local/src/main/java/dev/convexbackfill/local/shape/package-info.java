/** What the documents of a table have in common, found by looking at them. */
@NullMarked
package dev.convexbackfill.local.shape;

import org.jspecify.annotations.NullMarked;
