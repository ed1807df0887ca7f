@NullMarked
package dev.convexbackfill.client.value;

import org.jspecify.annotations.NullMarked;
