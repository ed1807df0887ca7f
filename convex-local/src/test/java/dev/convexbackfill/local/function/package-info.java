@NullMarked
package dev.convexbackfill.local.function;

import org.jspecify.annotations.NullMarked;
