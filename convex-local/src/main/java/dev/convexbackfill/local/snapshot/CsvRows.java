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

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.store.ImportRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rows of a CSV file whose first row names the fields. */
final class CsvRows implements RowReader {

    /** What Rust, which Convex parses cells with, takes for a float. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");
    private static final Pattern NOT_FINITE = Pattern.compile("[+-]?(inf|infinity|nan)", Pattern.CASE_INSENSITIVE);

    private final CsvReader<CsvRecord> reader;
    private final Iterator<CsvRecord> records;
    private final List<String> names = new ArrayList<>();

    CsvRows(InputStream in) {
        this.reader = CsvReader.builder()
                .detectBomHeader(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .ofCsvRecord(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)));
        this.records = reader.iterator();
        CsvRecord header = nextRecord();
        if (header != null) {
            header.getFields().forEach(name -> names.add(requireName(name.strip())));
        }
    }

    private static String requireName(String name) {
        String text = name.startsWith("\ufeff") ? name.substring(1) : name;
        try {
            return FieldName.require(text);
        } catch (InvalidValueException invalid) {
            throw new ImportRefusedException("CsvInvalidHeader",
                    "CSV header \"%s\" isn't a valid field name: %s".formatted(text, invalid.getMessage()));
        }
    }

    private @Nullable CsvRecord nextRecord() {
        try {
            return records.hasNext() ? records.next() : null;
        } catch (UncheckedIOException unreadable) {
            if (unreadable.getCause() instanceof CharacterCodingException) {
                throw new ImportRefusedException("NotUtf8", "Import wasn't valid UTF8");
            }
            throw unreadable;
        } catch (CsvParseException broken) {
            throw new ImportRefusedException("CsvInvalidRow", "Failed to parse CSV: " + broken.getMessage());
        }
    }

    @Override
    public @Nullable ConvexObject next() {
        CsvRecord record = nextRecord();
        if (record == null) {
            return null;
        }
        if (record.getFieldCount() != names.size()) {
            throw new ImportRefusedException("CsvRowMissingFields",
                    "CSV row %d doesn't have all of the fields in the header"
                            .formatted(record.getStartingLineNumber()));
        }
        ConvexObject.Builder row = ConvexObject.builder();
        for (int i = 0; i < names.size(); i++) {
            row.put(names.get(i), cell(record.getField(i)));
        }
        return row.build();
    }

    private static ConvexValue cell(String text) {
        if (NUMBER.matcher(text).matches()) {
            double number = Double.parseDouble(text);
            return Double.isFinite(number) ? ConvexValue.number(number) : ConvexNull.NULL;
        }
        // Convex takes them for numbers, which its JSON then turns into null
        return NOT_FINITE.matcher(text).matches() ? ConvexNull.NULL : ConvexValue.of(text);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
