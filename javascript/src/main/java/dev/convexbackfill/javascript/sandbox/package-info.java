/** Runs JavaScript that must reach nothing and stay below limits. */
@NullMarked
package dev.convexbackfill.javascript.sandbox;

import org.jspecify.annotations.NullMarked;
