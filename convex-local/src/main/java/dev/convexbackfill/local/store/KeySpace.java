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

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * All keys with their values, in memory or in a file, with what follows from each write of a document: its revision in the
 * log and the number of documents of its table. One thread writes, and it alone sees what it has not yet committed; snapshots
 * may be read and versions held by any.
 */
final class KeySpace implements AutoCloseable {

    private static final int CACHE_MEGABYTES = 256;
    private static final int COMPACT_BELOW_PERCENT = 60;
    private static final int COMPACT_BYTES = 32 << 20;
    /** How many entries of dropped tables go at a time, so that commits don't wait for long. */
    private static final int CLEARED_AT_ONCE = 20_000;

    private final MVStore file;
    private final MVMap<byte[], byte[]> map;

    private KeySpace(MVStore file) {
        this.file = file;
        MVMap.Builder<byte[], byte[]> types = new MVMap.Builder<>();
        types.keyType(Bytes.TYPE).valueType(Bytes.TYPE);
        this.map = file.openMap("deployment", types);
    }

    /** One that ends with the process. */
    static KeySpace inMemory() {
        return new KeySpace(new MVStore.Builder().autoCommitDisabled().autoCommitBufferSize(0).open());
    }

    /**
     * The one in {@code path}, made if there is none. Throws {@link org.h2.mvstore.MVStoreException} if another process has it
     * open.
     */
    static KeySpace inFile(Path path) {
        return new KeySpace(new MVStore.Builder()
                .fileName(path.toString())
                // the library's own commits could come in the middle of one of ours
                .autoCommitDisabled()
                .autoCommitBufferSize(0)
                .cacheSize(CACHE_MEGABYTES)
                .open());
    }

    /** What it holds when it is opened. */
    Snapshot stored() {
        byte[] last = map.get(Keys.meta("timestamp"));
        return new Snapshot(map, map.flushAndGetRoot(), last == null ? 0 : ByteBuffer.wrap(last).getLong());
    }

    /**
     * Writes what a transaction has written, as of {@code timestamp}; {@link #commit} makes it durable. Returns how many bytes
     * of documents and index entries that were.
     */
    long write(NavigableMap<byte[], byte[]> writes, long timestamp) {
        Map<Integer, Long> grown = new HashMap<>();
        int logged = 0;
        long bytes = 0;
        for (Map.Entry<byte[], byte[]> write : writes.entrySet()) {
            byte[] key = write.getKey();
            byte[] value = write.getValue();
            bytes += Keys.isDocumentOrIndexEntry(key) ? key.length + value.length : 0;
            boolean deletion = Transaction.isDeletion(value);
            if (Keys.isDocument(key)) {
                int tablet = Keys.tabletOfDocument(key);
                if (!deletion) {
                    StoredDocument.setTimestamp(value, timestamp);
                }
                String id = Keys.idOfDocument(key);
                map.put(Keys.log(timestamp, logged++), LogEntry.encode(tablet, id, deletion ? null : value));
                if (deletion) {
                    map.put(Keys.tombstone(tablet, id), longBytes(timestamp));
                }
                boolean existed = (deletion ? map.remove(key) : map.put(key, value)) != null;
                grown.merge(tablet, (deletion ? 0L : 1L) - (existed ? 1L : 0L), Long::sum);
            } else if (deletion) {
                map.remove(key);
            } else {
                map.put(key, value);
            }
        }
        grown.forEach((tablet, more) -> {
            long documents = Snapshot.count(map.get(Keys.count(tablet))) + more;
            map.put(Keys.count(tablet), longBytes(documents));
        });
        return bytes;
    }

    private static byte[] longBytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    /** Makes all that was written durable, the latest of it as of {@code timestamp}, and returns what there is now. */
    Snapshot commit(long timestamp) {
        map.put(Keys.meta("timestamp"), longBytes(timestamp));
        file.commit();
        return new Snapshot(map, map.flushAndGetRoot(), timestamp);
    }

    /** Keeps all versions from the current one on readable until {@link #releaseVersions}. */
    MVStore.TxCounter holdVersions() {
        return file.registerVersionUsage();
    }

    void releaseVersions(MVStore.TxCounter held) {
        if (!file.isClosed()) {
            file.deregisterVersionUsage(held);
        }
    }

    /** Removes what the log has of before {@code oldestLogged} and some of what lies in dropped tables, and frees room. */
    void tidy(long oldestLogged) {
        trimLog(oldestLogged);
        clearDropped();
        file.compact(COMPACT_BELOW_PERCENT, COMPACT_BYTES);
    }

    private void trimLog(long oldestLogged) {
        byte[] end = Keys.log(oldestLogged, 0);
        byte[] first = map.ceilingKey(Keys.FIRST_LOG);
        while (first != null && Bytes.ORDER.compare(first, end) < 0) {
            byte[] entry = requireNonNull(map.remove(first));
            long committed = Keys.logTimestamp(first);
            LogEntry removed = LogEntry.decode(committed, entry);
            byte[] tombstone = Keys.tombstone(removed.tablet(), removed.id());
            byte[] deleted = removed.document() == null ? map.get(tombstone) : null;
            if (deleted != null && ByteBuffer.wrap(deleted).getLong() == committed) {
                map.remove(tombstone);
            }
            first = map.ceilingKey(Keys.FIRST_LOG);
        }
    }

    private void clearDropped() {
        byte[] next = map.ceilingKey(Keys.FIRST_DROPPED);
        if (next == null || Bytes.ORDER.compare(next, Keys.AFTER_DROPPED) >= 0) {
            return;
        }
        int tablet = Keys.droppedTablet(next);
        int left = CLEARED_AT_ONCE;
        for (byte[] prefix : List.of(Keys.documents(tablet), Keys.indexes(tablet), Keys.tombstones(tablet),
                Keys.count(tablet))) {
            byte[] end = Bytes.afterPrefix(prefix);
            byte[] key = map.ceilingKey(prefix);
            while (left > 0 && key != null && Bytes.ORDER.compare(key, end) < 0) {
                map.remove(key);
                left--;
                key = map.ceilingKey(prefix);
            }
        }
        if (left > 0) {
            map.remove(next);
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
