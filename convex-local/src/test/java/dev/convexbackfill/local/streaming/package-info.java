@NullMarked
package dev.convexbackfill.local.streaming;

import org.jspecify.annotations.NullMarked;
