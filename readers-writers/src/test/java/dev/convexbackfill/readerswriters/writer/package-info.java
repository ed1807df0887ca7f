@NullMarked
package dev.convexbackfill.readerswriters.writer;

import org.jspecify.annotations.NullMarked;
