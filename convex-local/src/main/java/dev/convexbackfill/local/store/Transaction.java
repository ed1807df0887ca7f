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

import java.util.Iterator;
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

    /** Sees the entries of a scan. */
    interface Visitor {

        /** Returns whether to go on. */
        boolean visit(byte[] key, byte[] value);
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

    /** Shows the entries from {@code from} up to, not including, {@code to}, in order or backwards. */
    void scan(byte[] from, byte[] to, boolean reverse, Visitor visitor) {
        if (Bytes.ORDER.compare(from, to) >= 0) {
            return;
        }
        Merge merge = new Merge(from, to, reverse);
        while (merge.next()) {
            if (!visitor.visit(merge.key, merge.value)) {
                if (reverse) {
                    reads.add(merge.key, to);
                } else {
                    reads.add(from, Bytes.successor(merge.key));
                }
                return;
            }
        }
        reads.add(from, to);
    }

    /** The snapshot's entries with the own writes laid over them. */
    private final class Merge {

        private final byte[] from;
        private final byte[] to;
        private final boolean reverse;
        private final Cursor<byte[], byte[]> committed;
        private final Iterator<Map.Entry<byte[], byte[]>> own;
        private byte @Nullable [] nextCommitted;
        private Map.@Nullable Entry<byte[], byte[]> nextOwn;
        private byte[] key = DELETED;
        private byte[] value = DELETED;

        Merge(byte[] from, byte[] to, boolean reverse) {
            this.from = from;
            this.to = to;
            this.reverse = reverse;
            this.committed = snapshot.cursor(reverse ? to : from, reverse);
            NavigableMap<byte[], byte[]> inRange = writes.subMap(from, true, to, false);
            this.own = (reverse ? inRange.descendingMap() : inRange).entrySet().iterator();
            advanceCommitted();
            if (reverse && nextCommitted != null && Bytes.ORDER.compare(nextCommitted, to) >= 0) {
                advanceCommitted();
            }
            advanceOwn();
        }

        private void advanceCommitted() {
            nextCommitted = committed.hasNext() ? committed.next() : null;
            if (nextCommitted != null && (reverse ? Bytes.ORDER.compare(nextCommitted, from) < 0
                    : Bytes.ORDER.compare(nextCommitted, to) >= 0)) {
                nextCommitted = null;
            }
        }

        private void advanceOwn() {
            nextOwn = own.hasNext() ? own.next() : null;
        }

        boolean next() {
            while (true) {
                byte[] theirs = nextCommitted;
                Map.Entry<byte[], byte[]> mine = nextOwn;
                if (theirs == null && mine == null) {
                    return false;
                }
                int order = theirs == null || mine == null ? 0 : Bytes.ORDER.compare(theirs, mine.getKey());
                if (theirs != null && (mine == null || (reverse ? order > 0 : order < 0))) {
                    key = theirs;
                    value = committed.getValue();
                    advanceCommitted();
                    return true;
                }
                if (theirs != null && order == 0) {
                    // overwritten by the own write
                    advanceCommitted();
                }
                if (mine != null) {
                    key = mine.getKey();
                    value = mine.getValue();
                    advanceOwn();
                    if (!isDeletion(value)) {
                        return true;
                    }
                }
            }
        }
    }
}
