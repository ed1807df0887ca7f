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

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;

import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/** Keys and values of the key space: bytes, ordered as unsigned numbers. */
final class Bytes extends BasicDataType<byte[]> {

    static final Bytes TYPE = new Bytes();
    static final Comparator<byte[]> ORDER = Arrays::compareUnsigned;

    private static final int ARRAY_OVERHEAD = 24;

    private Bytes() {}

    /** The first key after all that begin with {@code prefix}. The prefix must not be all 0xff. */
    static byte[] afterPrefix(byte[] prefix) {
        byte[] after = prefix.clone();
        int last = after.length - 1;
        while (after[last] == (byte) 0xff) {
            last--;
        }
        after[last]++;
        return Arrays.copyOf(after, last + 1);
    }

    /** The first key after {@code key}. */
    static byte[] successor(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }

    static byte[] max(byte[] a, byte[] b) {
        return ORDER.compare(a, b) >= 0 ? a : b;
    }

    static byte[] min(byte[] a, byte[] b) {
        return ORDER.compare(a, b) <= 0 ? a : b;
    }

    @Override
    public int compare(byte[] a, byte[] b) {
        return Arrays.compareUnsigned(a, b);
    }

    @Override
    public int getMemory(byte[] bytes) {
        return bytes.length + ARRAY_OVERHEAD;
    }

    @Override
    public void write(WriteBuffer buffer, byte[] bytes) {
        buffer.putVarInt(bytes.length).put(bytes);
    }

    @Override
    public byte[] read(ByteBuffer buffer) {
        int length = 0;
        int shift = 0;
        int next;
        do {
            next = buffer.get();
            length |= (next & 0x7f) << shift;
            shift += 7;
        } while (next < 0);
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }

    @Override
    public byte[][] createStorage(int size) {
        return new byte[size][];
    }
}
