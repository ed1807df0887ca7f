/*
 * Copyright 2026 the convex-backfill authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance with
 * the License. You may obtain a copy of the License at https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed on
 * an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for the
 * specific language governing permissions and limitations under the License.
 */
package dev.convexbackfill.local.store;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

import org.h2.mvstore.Cursor;
import org.jspecify.annotations.Nullable;

/**
 * Reads one snapshot and its own writes, and remembers every interval it has read, so that it can be refused if somebody
 * wrote into one. Not thread-safe.
 */
final class Transaction {

    private static final byte[] DELETED = {};

    private final Snapshot snapshot;
    private final ReadSet reads = new ReadSet();
    private final NavigableMap<byte[], byte[]> writes = new TreeMap<>(Bytes.ORDER);

    Transaction(Snapshot snapshot) {
        this.snapshot = snapshot;
    }

    Snapshot snapshot() {
        return snapshot;
    }

    ReadSet reads() {
        return reads;
    }

    /** What to write, by key; an empty value deletes. */
    NavigableMap<byte[], byte[]> writes() {
        return writes;
    }

    static boolean isDeletion(byte[] value) {
        return value.length == 0;
    }

    byte @Nullable [] get(byte[] key) {
        reads.addKey(key);
        return peek(key);
    }

    /** As {@link #get}, for a key whose change a recorded read notices anyway. */
    byte @Nullable [] peek(byte[] key) {
        byte[] own = writes.get(key);
        if (own != null) {
            return isDeletion(own) ? null : own;
        }
        return snapshot.get(key);
    }

    /** {@code value} must not be empty. */
    void put(byte[] key, byte[] value) {
        writes.put(key, value);
    }

    void delete(byte[] key) {
        writes.put(key, DELETED);
    }

    /** The entries from {@code from} up to, not including, {@code to}, in order or backwards. */
    Scan scan(byte[] from, byte[] to, boolean reverse) {
        return new Scan(from, to, reverse);
    }

    /** What was written so far, to come back to. */
    NavigableMap<byte[], byte[]> savepoint() {
        return new TreeMap<>(writes);
    }

    /** Forgets what was written since a savepoint, but not what was read. */
    void rollBack(NavigableMap<byte[], byte[]> savepoint) {
        writes.clear();
        writes.putAll(savepoint);
    }

    /**
     * Goes through entries one by one, with the own writes laid over the snapshot's, also those that are made meanwhile. Each
     * step adds what it has passed to what the transaction has read.
     */
    final class Scan {

        private final byte[] from;
        private final byte[] to;
        private final boolean reverse;
        private final Cursor<byte[], byte[]> committed;
        private byte @Nullable [] nextCommitted;
        /** Where to go on: the first key to come, or, backwards, the key after it. */
        private byte[] place;
        private byte[] key = DELETED;
        private byte[] value = DELETED;

        private Scan(byte[] from, byte[] to, boolean reverse) {
            this.from = from;
            this.to = to;
            this.reverse = reverse;
            this.place = reverse ? to : from;
            this.committed = snapshot.cursor(reverse ? to : from, reverse);
            advanceCommitted();
            if (reverse && nextCommitted != null && Bytes.ORDER.compare(nextCommitted, to) >= 0) {
                advanceCommitted();
            }
        }

        private void advanceCommitted() {
            nextCommitted = committed.hasNext() ? committed.next() : null;
            if (nextCommitted != null && (reverse ? Bytes.ORDER.compare(nextCommitted, from) < 0
                    : Bytes.ORDER.compare(nextCommitted, to) >= 0)) {
                nextCommitted = null;
            }
        }

        private Map.@Nullable Entry<byte[], byte[]> nextOwn() {
            Map.Entry<byte[], byte[]> entry = reverse ? writes.lowerEntry(place) : writes.ceilingEntry(place);
            boolean isInside = entry != null && (reverse ? Bytes.ORDER.compare(entry.getKey(), from) >= 0
                    : Bytes.ORDER.compare(entry.getKey(), to) < 0);
            return isInside ? entry : null;
        }

        /** Goes to the next entry. Returns false after the last. */
        boolean next() {
            while (Bytes.ORDER.compare(from, to) < 0) {
                byte[] theirs = nextCommitted;
                Map.Entry<byte[], byte[]> mine = nextOwn();
                if (theirs == null && mine == null) {
                    break;
                }
                int order = theirs == null || mine == null ? 0 : Bytes.ORDER.compare(theirs, mine.getKey());
                if (theirs != null && (mine == null || (reverse ? order > 0 : order < 0))) {
                    key = theirs;
                    value = committed.getValue();
                    advanceCommitted();
                } else if (mine != null) {
                    key = mine.getKey();
                    value = mine.getValue();
                    if (theirs != null && order == 0) {
                        // overwritten by the own write
                        advanceCommitted();
                    }
                }
                place = reverse ? key : Bytes.successor(key);
                if (!isDeletion(value)) {
                    if (reverse) {
                        reads.add(key, to);
                    } else {
                        reads.add(from, place);
                    }
                    return true;
                }
            }
            reads.add(from, to);
            return false;
        }

        /** Of the entry that {@link #next} went to. */
        byte[] key() {
            return key;
        }

        /** Of the entry that {@link #next} went to. */
        byte[] value() {
            return value;
        }
    }
}
