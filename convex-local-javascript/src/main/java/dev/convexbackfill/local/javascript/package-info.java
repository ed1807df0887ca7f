/** Runs the JavaScript of apps on GraalJS: contexts, the environment of a function, its syscalls, and what bounds it. */
@NullMarked
package dev.convexbackfill.local.javascript;

import org.jspecify.annotations.NullMarked;
