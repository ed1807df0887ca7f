/** What can go wrong in a call, sorted by what the caller can do about it, and when to try again. */
@NullMarked
package dev.convexbackfill.client.failure;

import org.jspecify.annotations.NullMarked;
