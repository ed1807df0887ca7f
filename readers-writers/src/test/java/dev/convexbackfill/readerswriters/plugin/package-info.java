@NullMarked
package dev.convexbackfill.readerswriters.plugin;

import org.jspecify.annotations.NullMarked;
