@NullMarked
package dev.convexbackfill.local.snapshot;

import org.jspecify.annotations.NullMarked;
