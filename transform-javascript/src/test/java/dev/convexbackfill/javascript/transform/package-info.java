/** Tests of JavaScript in plans. */
@NullMarked
package dev.convexbackfill.javascript.transform;

import org.jspecify.annotations.NullMarked;
