@NullMarked
package dev.convexbackfill.local;

import org.jspecify.annotations.NullMarked;
