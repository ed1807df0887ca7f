/** What goes wrong between a client and a deployment, on demand. */
@NullMarked
package dev.convexbackfill.local.faults;

import org.jspecify.annotations.NullMarked;
