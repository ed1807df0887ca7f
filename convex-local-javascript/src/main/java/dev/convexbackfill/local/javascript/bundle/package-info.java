/** Bundles the folder of an app as Convex's command line does. */
@NullMarked
package dev.convexbackfill.local.javascript.bundle;

import org.jspecify.annotations.NullMarked;
