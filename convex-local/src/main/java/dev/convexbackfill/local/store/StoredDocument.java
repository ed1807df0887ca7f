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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ValueLimits;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A document as it was committed, or as its transaction would.
 *
 * @param value     all fields, with {@code _id} and {@code _creationTime}
 * @param size      in bytes, as Convex counts
 * @param timestamp when it was committed, in nanoseconds since 1970; 0 for a write of the own transaction
 */
public record StoredDocument(ConvexObject value, int size, long timestamp) {

    private static final int HEADER = Long.BYTES + Integer.BYTES;

    static byte[] encode(ConvexObject document) {
        byte[] json = ConvexJson.encode(document);
        return ByteBuffer.allocate(HEADER + json.length)
                .putLong(0)
                .putInt((int) ValueLimits.sizeOf(document))
                .put(json)
                .array();
    }

    static StoredDocument decode(byte[] stored) {
        ByteBuffer header = ByteBuffer.wrap(stored);
        return new StoredDocument(ConvexJson.decodeObject(Arrays.copyOfRange(stored, HEADER, stored.length)),
                header.getInt(Long.BYTES), header.getLong(0));
    }

    static void setTimestamp(byte[] stored, long timestamp) {
        ByteBuffer.wrap(stored).putLong(0, timestamp);
    }

    /** The document's id. */
    public String id() {
        return value.string("_id");
    }
}
