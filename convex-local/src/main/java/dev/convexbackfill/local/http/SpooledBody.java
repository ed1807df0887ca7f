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

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A body that waits in a file for being sent back, because it is too large to be held. */
final class SpooledBody implements Answer.Body {

    private static final int PIECE = 64 << 10;

    private final Path file;

    private SpooledBody(Path file) {
        this.file = file;
    }

    /** Takes a body of at most {@code max} bytes. */
    static SpooledBody receive(InputStream in, int max) throws IOException {
        Path file = Files.createTempFile("convex-local-", ".body");
        try (OutputStream out = Files.newOutputStream(file)) {
            long length = 0;
            Patience patience = new Patience();
            byte[] piece = new byte[PIECE];
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                length += read;
                patience.require(length);
                if (length > max) {
                    throw RequestRefusedException.badBody("length limit exceeded");
                }
                out.write(piece, 0, read);
            }
            return new SpooledBody(file);
        } catch (IOException _) {
            Files.deleteIfExists(file);
            throw RequestRefusedException.badBody("it did not arrive");
        } catch (RequestRefusedException refused) {
            Files.deleteIfExists(file);
            throw refused;
        }
    }

    @Override
    public void write(OutputStream out) throws IOException {
        try {
            Files.copy(file, out);
        } finally {
            Files.deleteIfExists(file);
        }
    }
}
