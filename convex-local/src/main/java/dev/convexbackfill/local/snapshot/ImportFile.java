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

import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.local.store.ImportRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The file of an import, taken apart into tables whose rows can be read again and again. */
final class ImportFile implements AutoCloseable {

    /** Source: {@code TRANSACTION_MAX_USER_WRITE_SIZE_BYTES} of the Convex backend. */
    private static final long MAX_JSON_ARRAY = 16L << 20;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final List<Table> tables;
    private final Map<String, Long> numbers;
    private final List<String> leftOut;
    private final AutoCloseable source;

    private ImportFile(List<Table> tables, Map<String, Long> numbers, List<String> leftOut, AutoCloseable source) {
        this.tables = List.copyOf(tables);
        this.numbers = numbers;
        this.leftOut = List.copyOf(leftOut);
        this.source = source;
    }

    /** A table of the file. */
    record Table(String name, Source rows) {}

    /** Begins to read the rows of a table. */
    interface Source {

        RowReader open() throws IOException;
    }

    /**
     * Opens the file of an import.
     *
     * @param table null for a ZIP file, which names its tables itself
     */
    static ImportFile open(Path file, ImportFormat format, @Nullable String table) throws IOException {
        if (format == ImportFormat.ZIP) {
            ZipTables zip = ZipTables.open(file);
            try {
                return new ImportFile(zip.tables(), readNumbers(zip.tableNumbers()), zip.leftOut(), zip);
            } catch (IOException | RuntimeException failed) {
                zip.close();
                throw failed;
            }
        }
        String name = Objects.requireNonNull(table, "only a ZIP file names its tables");
        return new ImportFile(List.of(new Table(name, () -> open(file, format))), Map.of(), List.of(), () -> {});
    }

    private static RowReader open(Path file, ImportFormat format) throws IOException {
        return switch (format) {
            case CSV -> new CsvRows(Files.newInputStream(file));
            case JSON_LINES -> {
                requireNoByteOrderMark(file);
                yield new JsonLineRows(Files.newInputStream(file), ConvexJson::decodePlain);
            }
            case JSON_ARRAY -> {
                long size = Files.size(file);
                if (size > MAX_JSON_ARRAY) {
                    throw new ImportRefusedException("JsonArrayTooLarge",
                            "Import is too large for JSON (%d bytes > maximum 16 MiB). Consider converting data to JSONLines"
                                    .formatted(size));
                }
                requireNoByteOrderMark(file);
                yield new JsonArrayRows(Files.readAllBytes(file));
            }
            case ZIP -> throw new IllegalArgumentException("a ZIP file has tables");
        };
    }

    private static void requireNoByteOrderMark(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            if (Arrays.equals(in.readNBytes(BYTE_ORDER_MARK.length), BYTE_ORDER_MARK)) {
                throw new ImportRefusedException("Utf8BomNotSupported",
                        "UTF-8 BOM is not supported. Please save your file without BOM.");
            }
        }
    }

    private static Map<String, Long> readNumbers(@Nullable Source source) throws IOException {
        Map<String, Long> numbers = new LinkedHashMap<>();
        if (source == null) {
            return numbers;
        }
        try (RowReader rows = source.open()) {
            long row = 0;
            for (ConvexObject next = rows.next(); next != null; next = rows.next()) {
                row++;
                if (!(next.get("name") instanceof ConvexString(String name))) {
                    throw RowReader.invalidValue(row, "table requires name");
                }
                if (!FieldName.isIdentifier(name)) {
                    throw new ImportRefusedException("InvalidName",
                            "\"%s\" isn't a valid table name: it is no identifier".formatted(name));
                }
                if (!(next.get("id") instanceof ConvexFloat64(double number)) || !(number >= 1)
                        || number != (int) number) {
                    throw RowReader.invalidValue(row, "table requires id (received %s)".formatted(next.get("id")));
                }
                if (numbers.put(name, (long) number) != null) {
                    throw new ImportRefusedException("DuplicateTableName",
                            "`_tables` contains duplicate entries for `%s`".formatted(name));
                }
            }
        }
        return numbers;
    }

    List<Table> tables() {
        return tables;
    }

    /** The tables' numbers as far as the file has them, also of tables without documents. */
    Map<String, Long> numbers() {
        return numbers;
    }

    /** What the file has that a local deployment can't keep, for people. */
    List<String> leftOut() {
        return leftOut;
    }

    @Override
    public void close() throws IOException {
        try {
            source.close();
        } catch (IOException | RuntimeException failed) {
            throw failed;
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
