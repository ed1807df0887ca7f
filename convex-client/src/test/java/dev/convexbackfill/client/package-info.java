@NullMarked
package dev.convexbackfill.client;

import org.jspecify.annotations.NullMarked;
