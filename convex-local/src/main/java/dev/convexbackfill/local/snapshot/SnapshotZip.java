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
import dev.convexbackfill.client.value.ExportJson;
import dev.convexbackfill.local.store.DocumentScan;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.StoredDocument;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes all tables as of one time into a ZIP file, as Convex lays them out. Source: {@code crates/exports} of the Convex
 * backend.
 */
final class SnapshotZip {

    private static final String README = """
            # A snapshot of a Convex deployment

            Each table has a folder. Its documents are the lines of `documents.jsonl`, as JSON: a number with a dot or an
            exponent is a float64, one without is an int64.

            `npx convex import` reads this file: https://docs.convex.dev/database/import-export/import
            """;
    private static final byte[] NEW_LINE = {'\n'};
    private static final int PROGRESS_EVERY = 10_000;

    private final DocumentTransaction transaction;
    private final Progress progress;
    private final ZipOutputStream zip;

    private SnapshotZip(DocumentTransaction transaction, Progress progress, ZipOutputStream zip) {
        this.transaction = transaction;
        this.progress = progress;
        this.zip = zip;
    }

    /** Hears how far it is, and may throw to end it. */
    interface Progress {

        void report(String message);
    }

    /** Writes what {@code transaction} sees. The stream stays open. */
    static void write(DocumentTransaction transaction, boolean includeStorage, OutputStream out, Progress progress)
            throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
        new SnapshotZip(transaction, progress, zip).write(includeStorage);
        zip.finish();
    }

    private void write(boolean includeStorage) throws IOException {
        progress.report("Beginning backup");
        begin("README.md");
        zip.write(README.getBytes(StandardCharsets.UTF_8));
        progress.report("Backing up _tables");
        Map<String, Long> numbers = transaction.tableNumbers();
        begin("_tables/documents.jsonl");
        for (Map.Entry<String, Long> table : numbers.entrySet().stream().sorted(Map.Entry.comparingByValue())
                .toList()) {
            zip.write("{\"name\":\"%s\",\"id\":%d}\n".formatted(table.getKey(), table.getValue())
                    .getBytes(StandardCharsets.US_ASCII));
        }
        // small tables first, as Convex does
        List<String> tables = numbers.keySet().stream()
                .sorted(Comparator.comparingLong(transaction::count).thenComparing(Comparator.naturalOrder())).toList();
        for (String table : tables) {
            write(table);
        }
        if (includeStorage) {
            progress.report("Backing up _storage");
            // a local deployment stores no files
            begin("_storage/documents.jsonl");
        }
        zip.closeEntry();
    }

    private void write(String table) throws IOException {
        progress.report("Backing up " + table);
        begin(table + "/documents.jsonl");
        DocumentScan scan = transaction.scan(table, "by_id", IndexBounds.ALL, false, null);
        long written = 0;
        for (StoredDocument next = scan.next(); next != null; next = scan.next()) {
            line(next.value());
            written++;
            if (written % PROGRESS_EVERY == 0) {
                progress.report(String.format(Locale.ROOT, "Backing up %s: %,d / %,d documents", table, written,
                        Math.max(written, transaction.count(table))));
            }
        }
        begin(table + "/generated_schema.jsonl");
        zip.write("\"uniform\"\n".getBytes(StandardCharsets.US_ASCII));
    }

    private void begin(String name) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
    }

    private void line(ConvexObject object) throws IOException {
        zip.write(ExportJson.encode(object));
        zip.write(NEW_LINE);
    }
}
