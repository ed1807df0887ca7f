@NullMarked
package dev.convexbackfill.client.failure;

import org.jspecify.annotations.NullMarked;
