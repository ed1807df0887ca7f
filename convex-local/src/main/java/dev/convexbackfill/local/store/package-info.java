/** What a local deployment holds: documents and their indexes in one ordered key space, transactions over it, and the log. */
@NullMarked
package dev.convexbackfill.local.store;

import org.jspecify.annotations.NullMarked;
