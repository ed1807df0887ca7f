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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.ExportJson;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.local.snapshot.ImportFile.Source;
import dev.convexbackfill.local.store.ImportRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a snapshot's ZIP file, which may lie in a folder of any name. Source: {@code parse.rs} of the Convex backend.
 */
final class ZipTables implements AutoCloseable {

    private static final Pattern DOCUMENTS = Pattern.compile("(.*/)?([^/]+)/documents\\.jsonl");
    private static final Pattern SCHEMA = Pattern.compile("(.*/)?([^/]+)/generated_schema\\.jsonl");
    private static final Pattern COMPONENT = Pattern.compile("(.*/)?_components/.*");
    private static final Pattern STORED_FILE = Pattern.compile("(.*/)?_storage/(?!documents\\.jsonl).+");

    private final ZipFile zip;
    private final List<ImportFile.Table> tables = new ArrayList<>();
    private final Set<String> exact = new HashSet<>();
    private @Nullable Source tableNumbers;
    private int componentTables;
    private int storedFiles;

    private ZipTables(ZipFile zip) {
        this.zip = zip;
    }

    static ZipTables open(Path file) throws IOException {
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile());
        } catch (ZipException broken) {
            throw new ImportRefusedException("InvalidZip", "invalid zip file");
        }
        ZipTables tables = new ZipTables(zip);
        try {
            tables.read();
        } catch (IOException | RuntimeException failed) {
            tables.close();
            throw failed;
        }
        return tables;
    }

    private void read() throws IOException {
        List<? extends ZipEntry> entries = zip.stream().toList();
        for (ZipEntry entry : entries) {
            Matcher schema = SCHEMA.matcher(entry.getName());
            if (schema.matches() && !COMPONENT.matcher(entry.getName()).matches()) {
                requireUniform(entry);
                exact.add(schema.group(2));
            }
        }
        for (ZipEntry entry : entries) {
            Matcher documents = DOCUMENTS.matcher(entry.getName());
            if (COMPONENT.matcher(entry.getName()).matches()) {
                componentTables += documents.matches() && !documents.group(2).equals("_tables") ? 1 : 0;
            } else if (STORED_FILE.matcher(entry.getName()).matches() && !entry.isDirectory()) {
                storedFiles++;
            } else if (documents.matches()) {
                add(entry, documents.group(2));
            }
        }
    }

    private void add(ZipEntry entry, String name) {
        if (!FieldName.isIdentifier(name)) {
            throw new ImportRefusedException("InvalidTableName",
                    "table name '%s' invalid: it is no identifier".formatted(name));
        }
        if (name.equals("_tables")) {
            tableNumbers = () -> new JsonLineRows(zip.getInputStream(entry), ConvexJson::decodePlain);
        } else if (!name.startsWith("_")) {
            Function<byte[], ConvexValue> decode = exact.contains(name) ? ExportJson::decode : ConvexJson::decodePlain;
            tables.add(new ImportFile.Table(name, () -> new JsonLineRows(zip.getInputStream(entry), decode)));
        }
    }

    /** Exports once had another form, with the inferred shape of a table in this file. */
    private void requireUniform(ZipEntry entry) throws IOException {
        try (InputStream in = zip.getInputStream(entry)) {
            String head = new String(in.readNBytes(64), StandardCharsets.UTF_8);
            if (!head.strip().equals("\"uniform\"")) {
                throw new ImportRefusedException("InvalidGeneratedSchema",
                        "cannot parse %s: it is of an older form of exports. Export again.".formatted(entry.getName()));
            }
        }
    }

    List<ImportFile.Table> tables() {
        return tables;
    }

    /** Where the tables' numbers are; null if the file does not have them. */
    @Nullable
    Source tableNumbers() {
        return tableNumbers;
    }

    /** What a local deployment can't keep, for people. */
    List<String> leftOut() {
        List<String> leftOut = new ArrayList<>();
        if (componentTables > 0) {
            leftOut.add("Left out: %d tables of components, which a local deployment does not have."
                    .formatted(componentTables));
        }
        if (storedFiles > 0) {
            leftOut.add("Left out: %d stored files, which a local deployment does not keep.".formatted(storedFiles));
        }
        return leftOut;
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
