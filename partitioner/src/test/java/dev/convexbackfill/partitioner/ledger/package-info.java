@NullMarked
package dev.convexbackfill.partitioner.ledger;

import org.jspecify.annotations.NullMarked;
