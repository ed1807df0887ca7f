@NullMarked
package dev.convexbackfill.job.examples;

import org.jspecify.annotations.NullMarked;
