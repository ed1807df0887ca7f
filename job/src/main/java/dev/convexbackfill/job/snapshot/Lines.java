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
package dev.convexbackfill.job.snapshot;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ExportJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Documents as lines of a file, each in the JSON of Convex's snapshots. */
final class Lines implements Documents {

    static final int NEW_LINE = '\n';

    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int filled;

    /** Closes {@code in} when it is closed. */
    Lines(InputStream in) {
        this.in = in;
    }

    @Override
    public @Nullable ConvexObject next() {
        try {
            ByteArrayOutputStream line = new ByteArrayOutputStream(512);
            while (fill()) {
                int from = at;
                while (at < filled && buffer[at] != NEW_LINE) {
                    at++;
                }
                line.write(buffer, from, at - from);
                if (at < filled) {
                    at++;
                    return ExportJson.decodeObject(line.toByteArray());
                }
            }
            return line.size() == 0 ? null : ExportJson.decodeObject(line.toByteArray());
        } catch (IOException broken) {
            throw new UncheckedIOException("The content of the snapshot can't be read: " + broken.getMessage(), broken);
        }
    }

    /** False at the end. */
    private boolean fill() throws IOException {
        if (at == filled) {
            at = 0;
            filled = Math.max(0, in.read(buffer));
        }
        return filled > 0;
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException _) {
            // it was only read
        }
    }
}
