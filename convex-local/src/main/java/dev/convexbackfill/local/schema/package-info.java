/** What values must look like: arguments of functions, documents of tables. */
@NullMarked
package dev.convexbackfill.local.schema;

import org.jspecify.annotations.NullMarked;
