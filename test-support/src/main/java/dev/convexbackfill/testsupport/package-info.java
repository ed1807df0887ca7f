/** What tests of several modules need. */
@NullMarked
package dev.convexbackfill.testsupport;

import org.jspecify.annotations.NullMarked;
