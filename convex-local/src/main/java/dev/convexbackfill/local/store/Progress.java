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

/**
 * How far work on the documents of a deployment is.
 *
 * @param done  documents
 * @param total documents, as they were when the work began
 */
public record Progress(long done, long total) {

    private static final int LENGTH = 2 * Long.BYTES;

    /** With the key of the last document that is done, to go on behind. */
    byte[] encode(byte[] position) {
        return ByteBuffer.allocate(LENGTH + position.length).putLong(done).putLong(total).put(position).array();
    }

    static Progress decode(byte[] stored) {
        ByteBuffer buffer = ByteBuffer.wrap(stored);
        return new Progress(buffer.getLong(), buffer.getLong());
    }

    static byte[] positionOf(byte[] stored) {
        return Arrays.copyOfRange(stored, LENGTH, stored.length);
    }
}
