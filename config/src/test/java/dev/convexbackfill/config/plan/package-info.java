@NullMarked
package dev.convexbackfill.config.plan;

import org.jspecify.annotations.NullMarked;
