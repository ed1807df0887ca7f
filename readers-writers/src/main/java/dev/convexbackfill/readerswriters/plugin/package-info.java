/** Transforms in Java, from jars beside the application. */
@NullMarked
package dev.convexbackfill.readerswriters.plugin;

import org.jspecify.annotations.NullMarked;
