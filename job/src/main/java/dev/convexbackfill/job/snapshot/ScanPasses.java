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

import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ExportJson;
import dev.convexbackfill.job.progress.Tally;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a table that can't be read as of one time, again and again, until two readings are alike. Each lies in a file, so that
 * memory does not grow with the table.
 */
final class ScanPasses {

    private static final int LEAST = 2;

    private final LiveTables tables;
    private final DeploymentAdmin admin;
    private final Path scratch;
    private final int most;
    private final Tally tally;

    /** {@code most} is how often a table is read at most, 2 or more. */
    ScanPasses(LiveTables tables, DeploymentAdmin admin, Path scratch, int most, Tally tally) {
        this.tables = tables;
        this.admin = admin;
        this.scratch = scratch;
        this.most = Math.max(LEAST, most);
        this.tally = tally;
    }

    /** The last reading, a file of compressed lines. */
    record Reading(Path file, Consistency.Scanned consistency) {

        Documents open() throws IOException {
            return new Lines(new GZIPInputStream(Files.newInputStream(file), 1 << 16));
        }
    }

    Reading read(String table, @Nullable Long expected) throws IOException {
        Path last = scratch.resolve(table + ".1");
        tally.say("reading '%s'".formatted(table));
        try (Documents now = new Kept(tables.open(table), last)) {
            while (now.next() != null) {
                tally.add();
            }
        }
        for (int pass = LEAST;; pass++) {
            long between = admin.timestamp();
            tally.say("reading '%s' again, the %d. time".formatted(table, pass));
            tally.expect(expected == null ? 0 : expected);
            Path file = scratch.resolve(table + "." + pass);
            TableDiff.Result difference;
            try (Documents before = new Lines(new GZIPInputStream(Files.newInputStream(last), 1 << 16));
                    Documents now = new Kept(tables.open(table), file)) {
                difference = new TableDiff(0, tally).compare(before, now);
            }
            Files.delete(last);
            last = file;
            if (difference.isEmpty() || pass >= most) {
                return new Reading(last, new Consistency.Scanned(pass, between, difference.total()));
            }
        }
    }

    /** Documents that are also written into a file. */
    private static final class Kept implements Documents {

        private final Documents source;
        private final OutputStream out;

        Kept(Documents source, Path file) throws IOException {
            this.source = source;
            this.out = new BufferedOutputStream(new GZIPOutputStream(Files.newOutputStream(file), 1 << 16), 1 << 16);
        }

        @Override
        public @Nullable ConvexObject next() {
            ConvexObject document = source.next();
            if (document != null) {
                try {
                    out.write(ExportJson.encode(document));
                    out.write(Lines.NEW_LINE);
                } catch (IOException full) {
                    throw new UncheckedIOException("What was read can't be kept: " + full.getMessage(), full);
                }
            }
            return document;
        }

        @Override
        public void close() {
            source.close();
            try {
                out.close();
            } catch (IOException full) {
                throw new UncheckedIOException("What was read can't be kept: " + full.getMessage(), full);
            }
        }
    }
}
