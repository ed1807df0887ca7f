/** Snapshots of a deployment as ZIP files: exports, imports, and what remembers them. */
@NullMarked
package dev.convexbackfill.local.snapshot;

import org.jspecify.annotations.NullMarked;
