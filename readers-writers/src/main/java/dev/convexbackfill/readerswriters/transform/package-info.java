/** What a plan does to a document: pure, document in, change out. */
@NullMarked
package dev.convexbackfill.readerswriters.transform;

import org.jspecify.annotations.NullMarked;
