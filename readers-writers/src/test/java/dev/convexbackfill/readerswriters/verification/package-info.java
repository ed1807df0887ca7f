@NullMarked
package dev.convexbackfill.readerswriters.verification;

import org.jspecify.annotations.NullMarked;
