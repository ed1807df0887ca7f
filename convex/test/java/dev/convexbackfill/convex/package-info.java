@NullMarked
package dev.convexbackfill.convex;

import org.jspecify.annotations.NullMarked;
