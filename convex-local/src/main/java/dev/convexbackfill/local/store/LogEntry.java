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
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * One revision of one document, in the order of commits.
 *
 * @param timestamp when it was committed, in nanoseconds since 1970
 * @param tablet    the table's
 * @param document  what it became; null if it was deleted
 */
public record LogEntry(long timestamp, int tablet, String id, @Nullable StoredDocument document) {

    static byte[] encode(int tablet, String id, byte @Nullable [] stored) {
        byte[] name = id.getBytes(StandardCharsets.US_ASCII);
        byte[] document = stored == null ? new byte[0] : stored;
        return ByteBuffer.allocate(Integer.BYTES + 1 + name.length + document.length)
                .putInt(tablet)
                .put((byte) name.length)
                .put(name)
                .put(document)
                .array();
    }

    static LogEntry decode(long timestamp, byte[] stored) {
        ByteBuffer buffer = ByteBuffer.wrap(stored);
        int tablet = buffer.getInt();
        byte[] name = new byte[buffer.get()];
        buffer.get(name);
        byte[] document = Arrays.copyOfRange(stored, buffer.position(), stored.length);
        return new LogEntry(timestamp, tablet, new String(name, StandardCharsets.US_ASCII),
                document.length == 0 ? null : StoredDocument.decode(document));
    }
}
