/** Plans: what a user writes, checked and typed. */
@NullMarked
package dev.convexbackfill.config.plan;

import org.jspecify.annotations.NullMarked;
