/** Streaming exports: all documents as of a time, and what became of them since. */
@NullMarked
package dev.convexbackfill.local.streaming;

import org.jspecify.annotations.NullMarked;
