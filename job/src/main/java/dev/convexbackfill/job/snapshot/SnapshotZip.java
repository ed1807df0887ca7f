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
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.job.progress.Tally;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes documents into a ZIP file as Convex lays its own snapshots out, so that {@code npx convex import} takes it. Nothing is
 * held in memory. Source of the layout: {@code crates/exports} and {@code crates/application/src/snapshot_import/parse.rs} of the
 * Convex backend, which passes over every entry whose name it does not know, and takes each table that {@code _tables} names for
 * one to import; so only tables with content are named there.
 */
final class SnapshotZip {

    private static final String README = """
            # A rollback point of a Convex deployment

            Each table has a folder. Its documents are the lines of `documents.jsonl`, in the order of ids, as JSON: a number with a
            dot or an exponent is a float64, one without is an int64.

            `npx convex import --replace` reads this file, and so does `./backfill snapshot restore`.
            """;
    /** Tells an import that int64 and float64 can be told apart. */
    private static final String SCHEMA = "\"uniform\"\n";

    private final ZipOutputStream zip;

    private SnapshotZip(ZipOutputStream zip) {
        this.zip = zip;
    }

    /** Begins a file with these tables and their numbers. {@code out} stays open. */
    static SnapshotZip begin(OutputStream out, Map<String, Long> tables) throws IOException {
        SnapshotZip zip = new SnapshotZip(new ZipOutputStream(out, StandardCharsets.UTF_8));
        zip.entry("README.md", README);
        StringBuilder lines = new StringBuilder();
        tables.forEach((name, number) -> lines.append("{\"name\":\"%s\",\"id\":%d}\n".formatted(name, number)));
        zip.entry("_tables/documents.jsonl", lines.toString());
        return zip;
    }

    private void entry(String name, String text) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What was written of a table.
     *
     * @param sha256 of its lines, in hexadecimal digits
     */
    record Written(long documents, String sha256) {}

    /** Writes all that {@code documents} has. Throws {@link IllegalStateException} if they are not in the order of ids. */
    Written write(String table, Documents documents, Tally tally) throws IOException {
        zip.putNextEntry(new ZipEntry(entryOf(table)));
        DigestedOutput lines = new DigestedOutput(zip);
        long count = 0;
        String before = null;
        for (ConvexObject document = documents.next(); document != null; document = documents.next()) {
            String id = document.string(FieldName.ID);
            if (before != null && IdOrder.compare(before, id) >= 0) {
                throw new IllegalStateException(
                        "The documents of '%s' did not come in the order of their ids: '%s' after '%s'"
                                .formatted(table, id, before));
            }
            before = id;
            lines.write(ExportJson.encode(document));
            lines.write(Lines.NEW_LINE);
            count++;
            tally.add();
        }
        entry(table + "/generated_schema.jsonl", SCHEMA);
        return new Written(count, lines.sha256Hex());
    }

    /** Completes the file. */
    void complete() throws IOException {
        zip.finish();
    }

    private static String entryOf(String table) {
        return table + "/documents.jsonl";
    }

    /** The documents of a table in a file. Throws {@link IOException} if it has none of that name. */
    static Documents read(Path file, String table) throws IOException {
        ZipFile zip = new ZipFile(file.toFile());
        try {
            ZipEntry entry = zip.getEntry(entryOf(table));
            if (entry == null) {
                throw new IOException("The file '%s' has no table '%s'".formatted(file, table));
            }
            Lines lines = new Lines(zip.getInputStream(entry));
            return new Documents() {

                @Override
                public @Nullable ConvexObject next() {
                    return lines.next();
                }

                @Override
                public void close() {
                    lines.close();
                    try {
                        zip.close();
                    } catch (IOException _) {
                        // it was only read
                    }
                }
            };
        } catch (IOException failed) {
            zip.close();
            throw failed;
        }
    }
}
