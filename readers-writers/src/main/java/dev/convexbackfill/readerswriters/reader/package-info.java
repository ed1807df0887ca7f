/** Reads a range page by page, the next while this one is written. */
@NullMarked
package dev.convexbackfill.readerswriters.reader;

import org.jspecify.annotations.NullMarked;
