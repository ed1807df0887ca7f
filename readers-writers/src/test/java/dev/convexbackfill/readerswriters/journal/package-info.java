@NullMarked
package dev.convexbackfill.readerswriters.journal;

import org.jspecify.annotations.NullMarked;
