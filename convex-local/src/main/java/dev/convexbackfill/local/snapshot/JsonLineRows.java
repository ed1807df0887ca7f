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
package dev.convexbackfill.local.snapshot;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.store.ImportRefusedException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Rows that are lines of JSON. Holds one line at a time. */
final class JsonLineRows implements RowReader {

    /** No document of Convex needs as much. */
    private static final int MAX_LINE = 64 << 20;
    private static final int BUFFER = 1 << 16;

    private final InputStream in;
    private final Function<byte[], ConvexValue> decode;
    private long row;

    JsonLineRows(InputStream in, Function<byte[], ConvexValue> decode) {
        this.in = new BufferedInputStream(in, BUFFER);
        this.decode = decode;
    }

    @Override
    public @Nullable ConvexObject next() throws IOException {
        byte[] line = line();
        if (line == null) {
            return null;
        }
        row++;
        if (new String(line, StandardCharsets.UTF_8).isBlank()) {
            throw new ImportRefusedException("JsonInvalidRow", "Row %d wasn't valid JSON: it is empty".formatted(row));
        }
        return RowReader.row(row, () -> decode.apply(line));
    }

    private byte @Nullable [] line() throws IOException {
        int first = in.read();
        if (first < 0) {
            return null;
        }
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        for (int next = first; next >= 0 && next != '\n'; next = in.read()) {
            line.write(next);
            if (line.size() > MAX_LINE) {
                throw new ImportRefusedException("JsonInvalidRow",
                        "Row %d wasn't valid JSON: it is longer than 64 MiB".formatted(row + 1));
            }
        }
        return line.toByteArray();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
