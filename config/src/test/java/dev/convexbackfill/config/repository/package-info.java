@NullMarked
package dev.convexbackfill.config.repository;

import org.jspecify.annotations.NullMarked;
