/** How a process behaves, apart from any plan. */
@NullMarked
package dev.convexbackfill.config.settings;

import org.jspecify.annotations.NullMarked;
