@NullMarked
package dev.convexbackfill.local.store;

import org.jspecify.annotations.NullMarked;
