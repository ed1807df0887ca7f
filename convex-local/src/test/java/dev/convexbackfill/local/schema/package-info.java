@NullMarked
package dev.convexbackfill.local.schema;

import org.jspecify.annotations.NullMarked;
