/** Runs the JavaScript that plans name, on GraalJS. */
@NullMarked
package dev.convexbackfill.javascript.transform;

import org.jspecify.annotations.NullMarked;
