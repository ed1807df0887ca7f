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

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * What a transaction has read, as intervals of keys: a write into one of them by somebody else, also of a key that was not
 * there, makes what it read untrue. Intervals of one index that touch are one.
 */
final class ReadSet {

    private final TreeMap<byte[], byte[]> intervals = new TreeMap<>(Bytes.ORDER);
    private final Map<Long, Integer> intervalsOfIndex = new HashMap<>();
    private int counted;

    /** Adds the keys of one index, or of anything else, from {@code from} up to, not including, {@code to}. */
    void add(byte[] from, byte[] to) {
        add(from, to, true);
    }

    void addKey(byte[] key) {
        add(key, Bytes.successor(key), true);
    }

    /**
     * Adds a key that an insert has looked at, which does not count. As in Convex, the next read of the same index that does
     * count may count it after all: see {@link #counted}.
     */
    void addUncountedKey(byte[] key) {
        add(key, Bytes.successor(key), false);
    }

    private void add(byte[] from, byte[] to, boolean counts) {
        if (Bytes.ORDER.compare(from, to) >= 0) {
            return;
        }
        long index = Keys.indexOf(from);
        byte[] start = from;
        byte[] end = to;
        Map.Entry<byte[], byte[]> before = intervals.floorEntry(from);
        if (before != null && Bytes.ORDER.compare(before.getValue(), from) >= 0
                && Keys.indexOf(before.getKey()) == index) {
            start = before.getKey();
            end = Bytes.max(end, before.getValue());
        }
        int removed = 0;
        Map.Entry<byte[], byte[]> next = intervals.ceilingEntry(start);
        while (next != null && Bytes.ORDER.compare(next.getKey(), end) <= 0 && Keys.indexOf(next.getKey()) == index) {
            end = Bytes.max(end, next.getValue());
            intervals.remove(next.getKey());
            removed++;
            next = intervals.ceilingEntry(start);
        }
        intervals.put(start, end);
        if (index != Keys.NO_INDEX) {
            count(index, 1 - removed, counts);
        }
    }

    private void count(long index, int more, boolean counts) {
        int before = intervalsOfIndex.getOrDefault(index, 0);
        int after = before + more;
        if (more != 0) {
            intervalsOfIndex.put(index, after);
        }
        if (counts) {
            // with fewer counted than the index has, all of the index are counted from now on: so does Convex
            counted = Math.max(0, counted - before) + after;
        }
    }

    boolean contains(byte[] key) {
        Map.Entry<byte[], byte[]> candidate = intervals.floorEntry(key);
        return candidate != null && Bytes.ORDER.compare(key, candidate.getValue()) < 0;
    }

    /** Shows the intervals to {@code visitor}, each with its first key and the key after its last. */
    void forEach(BiConsumer<byte[], byte[]> visitor) {
        intervals.forEach(visitor);
    }

    /** How many separate intervals of documents and indexes count towards a function's limit. */
    int counted() {
        return counted;
    }
}
