/** The job repository: where it is, how it is reached, and its schema. */
@NullMarked
package dev.convexbackfill.config.repository;

import org.jspecify.annotations.NullMarked;
