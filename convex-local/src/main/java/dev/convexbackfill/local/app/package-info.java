/** Real Convex apps: what runs their JavaScript, how that is found, and how an app gets into a deployment. */
@NullMarked
package dev.convexbackfill.local.app;

import org.jspecify.annotations.NullMarked;
