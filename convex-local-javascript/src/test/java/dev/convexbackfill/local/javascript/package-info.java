@NullMarked
package dev.convexbackfill.local.javascript;

import org.jspecify.annotations.NullMarked;
