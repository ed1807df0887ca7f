/** What the command line and the dashboard of Convex ask a deployment with an admin key. */
@NullMarked
package dev.convexbackfill.client.admin;

import org.jspecify.annotations.NullMarked;
