@NullMarked
package dev.convexbackfill.readerswriters.reader;

import org.jspecify.annotations.NullMarked;
