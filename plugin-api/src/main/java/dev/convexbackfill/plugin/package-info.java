/** What a transform in Java implements. */
@NullMarked
package dev.convexbackfill.plugin;

import org.jspecify.annotations.NullMarked;
