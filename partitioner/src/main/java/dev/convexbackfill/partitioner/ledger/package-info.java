/** The ledger: rows in Convex that say which chunks are applied. It is the truth that everything else follows. */
@NullMarked
package dev.convexbackfill.partitioner.ledger;

import org.jspecify.annotations.NullMarked;
