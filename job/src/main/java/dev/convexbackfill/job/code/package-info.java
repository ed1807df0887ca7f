/** Code of users that plans name: where it is found, and what runs it. */
@NullMarked
package dev.convexbackfill.job.code;

import org.jspecify.annotations.NullMarked;
