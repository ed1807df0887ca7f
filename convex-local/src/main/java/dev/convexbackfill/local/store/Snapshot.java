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
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.RootReference;
import org.jspecify.annotations.Nullable;

/** The whole key space as it was right after one commit. Immutable, so reading takes no lock. */
final class Snapshot {

    private final MVMap<byte[], byte[]> map;
    private final RootReference<byte[], byte[]> root;
    private final long timestamp;

    Snapshot(MVMap<byte[], byte[]> map, RootReference<byte[], byte[]> root, long timestamp) {
        this.map = map;
        this.root = root;
        this.timestamp = timestamp;
    }

    /** When the newest commit in it happened: nanoseconds since 1970. */
    long timestamp() {
        return timestamp;
    }

    byte @Nullable [] get(byte[] key) {
        return map.get(root.root, key);
    }

    /** How many documents a table has. */
    long count(int tablet) {
        return count(get(Keys.count(tablet)));
    }

    static long count(byte @Nullable [] stored) {
        return stored == null ? 0 : ByteBuffer.wrap(stored).getLong();
    }

    /** The entries from {@code from} on, or from the last one at or before it backwards. */
    Cursor<byte[], byte[]> cursor(byte[] from, boolean reverse) {
        return map.cursor(root, from, null, reverse);
    }
}
