@NullMarked
package dev.convexbackfill.readerswriters.transform;

import org.jspecify.annotations.NullMarked;
