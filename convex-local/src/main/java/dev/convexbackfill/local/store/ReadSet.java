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
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * What a transaction has read, as intervals of keys: a write into one of them by somebody else, also of a key that was not
 * there, makes what it read untrue. Intervals that touch are one.
 */
final class ReadSet {

    private final TreeMap<byte[], byte[]> intervals = new TreeMap<>(Bytes.ORDER);
    private final byte[] firstCounted;
    private final byte[] afterCounted;
    private int counted;

    /** Counts the intervals that begin at or above {@code firstCounted} and below {@code afterCounted}. */
    ReadSet(byte[] firstCounted, byte[] afterCounted) {
        this.firstCounted = firstCounted;
        this.afterCounted = afterCounted;
    }

    /** Adds the keys from {@code from} up to, not including, {@code to}. */
    void add(byte[] from, byte[] to) {
        if (Bytes.ORDER.compare(from, to) >= 0) {
            return;
        }
        byte[] start = from;
        byte[] end = to;
        Map.Entry<byte[], byte[]> before = intervals.floorEntry(from);
        if (before != null && Bytes.ORDER.compare(before.getValue(), from) >= 0) {
            start = before.getKey();
            end = Bytes.max(end, before.getValue());
        }
        Map.Entry<byte[], byte[]> next = intervals.ceilingEntry(start);
        while (next != null && Bytes.ORDER.compare(next.getKey(), end) <= 0) {
            end = Bytes.max(end, next.getValue());
            intervals.remove(next.getKey());
            counted -= isCounted(next.getKey()) ? 1 : 0;
            next = intervals.ceilingEntry(start);
        }
        intervals.put(start, end);
        counted += isCounted(start) ? 1 : 0;
    }

    private boolean isCounted(byte[] start) {
        return Bytes.ORDER.compare(firstCounted, start) <= 0 && Bytes.ORDER.compare(start, afterCounted) < 0;
    }

    void addKey(byte[] key) {
        add(key, Bytes.successor(key));
    }

    boolean contains(byte[] key) {
        Map.Entry<byte[], byte[]> candidate = intervals.floorEntry(key);
        return candidate != null && Bytes.ORDER.compare(key, candidate.getValue()) < 0;
    }

    /** Shows the intervals to {@code visitor}, each with its first key and the key after its last. */
    void forEach(BiConsumer<byte[], byte[]> visitor) {
        intervals.forEach(visitor);
    }

    /** How many separate intervals are counted. */
    int counted() {
        return counted;
    }
}
