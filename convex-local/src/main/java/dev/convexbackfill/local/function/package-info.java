/** Functions: what is installed, what may call it, and running it in a transaction. */
@NullMarked
package dev.convexbackfill.local.function;

import org.jspecify.annotations.NullMarked;
