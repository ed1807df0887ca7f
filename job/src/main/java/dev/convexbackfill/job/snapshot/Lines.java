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
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Documents as lines of a file, each in the JSON of Convex's snapshots. */
final class Lines implements Documents {

    static final int NEW_LINE = '\n';

    private final InputStream in;

    /** Closes {@code in} when it is closed. */
    Lines(InputStream in) {
        this.in = new BufferedInputStream(in, 1 << 16);
    }

    @Override
    public @Nullable ConvexObject next() {
        try {
            ByteArrayOutputStream line = new ByteArrayOutputStream(512);
            int read = in.read();
            while (read >= 0 && read != NEW_LINE) {
                line.write(read);
                read = in.read();
            }
            return line.size() == 0 && read < 0 ? null : ExportJson.decodeObject(line.toByteArray());
        } catch (IOException broken) {
            throw new UncheckedIOException("The content of the snapshot can't be read: " + broken.getMessage(), broken);
        }
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
