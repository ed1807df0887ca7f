/** What documents held before they were changed, in the job repository. */
@NullMarked
package dev.convexbackfill.readerswriters.journal;

import org.jspecify.annotations.NullMarked;
