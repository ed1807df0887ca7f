/** Whether the documents are what a run should have made of them. */
@NullMarked
package dev.convexbackfill.readerswriters.verification;

import org.jspecify.annotations.NullMarked;
