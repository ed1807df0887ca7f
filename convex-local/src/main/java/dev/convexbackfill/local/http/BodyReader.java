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
package dev.convexbackfill.local.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Reads bodies into memory, within a budget. For one request. */
final class BodyReader implements AutoCloseable {

    private static final int PIECE = 4 << 10;
    /** The buffer, which doubles as it grows, and the whole. */
    private static final int COPIES = 3;
    /** What a value takes in memory besides its text: an object, and its place in an array or a map. */
    private static final int VALUE_BYTES = 64;

    private final MemoryBudget.Share share;

    BodyReader(MemoryBudget budget) {
        this.share = budget.share();
    }

    /** The whole body of at most {@code max} bytes. */
    byte[] read(InputStream in, int max) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        Patience patience = new Patience();
        byte[] piece = new byte[PIECE];
        try {
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                int length = body.size() + read;
                if (length > max) {
                    throw RequestRefusedException.badBody("length limit exceeded");
                }
                patience.require(length);
                share.growTo((long) COPIES * length);
                body.write(piece, 0, read);
            }
        } catch (IOException _) {
            throw RequestRefusedException.badBody("it did not arrive");
        }
        return body.toByteArray();
    }

    /** As {@link #read}, with room for the values that the JSON holds. */
    byte[] readJson(InputStream in, int max) {
        byte[] body = read(in, max);
        long values = 1;
        for (byte character : body) {
            values += switch (character) {
                case ',', ':', '[', '{' -> 1;
                default -> 0;
            };
        }
        // the body, its text as characters, and the values
        share.growTo((long) (1 + COPIES) * body.length + values * VALUE_BYTES);
        return body;
    }

    @Override
    public void close() {
        share.close();
    }
}
