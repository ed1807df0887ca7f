/** What is left to Node. */
@NullMarked
package dev.convexbackfill.javascript.node;

import org.jspecify.annotations.NullMarked;
