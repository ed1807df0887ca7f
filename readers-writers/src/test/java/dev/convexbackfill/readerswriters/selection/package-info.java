@NullMarked
package dev.convexbackfill.readerswriters.selection;

import org.jspecify.annotations.NullMarked;
