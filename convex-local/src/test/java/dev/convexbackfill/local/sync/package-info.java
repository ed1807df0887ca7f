@NullMarked
package dev.convexbackfill.local.sync;

import org.jspecify.annotations.NullMarked;
