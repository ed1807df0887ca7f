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
package dev.convexbackfill.local.store;

import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.FieldName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tables as one transaction sees them. Not thread-safe. */
final class TableCatalog {

    /** Source: numbers below belong to Convex's system tables. */
    private static final long FIRST_NUMBER = 10_001;

    private final Transaction entries;
    private final Map<String, TableRow> known = new HashMap<>();

    TableCatalog(Transaction entries) {
        this.entries = entries;
    }

    @Nullable
    TableRow find(String name) {
        TableRow row = known.get(name);
        if (row == null) {
            byte[] stored = entries.get(Keys.table(name));
            if (stored == null) {
                return null;
            }
            row = TableRow.decode(stored);
            known.put(name, row);
        }
        return row;
    }

    /** The table to whose number the id belongs. */
    @Nullable
    TableRow of(DocumentId id) {
        byte[] name = entries.get(Keys.tableNumber(id.tableNumber()));
        return name == null ? null : find(new String(name, StandardCharsets.UTF_8));
    }

    /** The app's tables; the system's are not among them. */
    Map<String, Long> numbers() {
        Map<String, Long> numbers = new TreeMap<>();
        for (TableRow row : rows()) {
            if (!row.isSystem()) {
                numbers.put(row.name(), row.number());
            }
        }
        return numbers;
    }

    /** All tables by name, the system's too. */
    List<TableRow> rows() {
        List<TableRow> rows = new ArrayList<>();
        Transaction.Scan scan = entries.scan(Keys.FIRST_TABLE, Keys.AFTER_TABLES, false);
        while (scan.next()) {
            rows.add(TableRow.decode(scan.value()));
        }
        return rows;
    }

    /** Forgets what it knows, because what the transaction wrote was rolled back. */
    void forget() {
        known.clear();
    }

    /** Refuses what can't name a table of an app. */
    TableRow create(String name) {
        if (!FieldName.isIdentifier(name) || name.startsWith("_")) {
            throw new InvalidOperationException("Invalid table name %s".formatted(name));
        }
        long number = FIRST_NUMBER;
        while (entries.get(Keys.tableNumber(number)) != null) {
            number++;
        }
        return create(name, number, List.of(TableRow.BY_CREATION_TIME));
    }

    /** Makes a table of the system's with more indexes than every table has: their names, with the paths of their fields. */
    TableRow createSystem(String name, long number, Map<String, List<String>> more) {
        if (!name.startsWith("_") || number >= FIRST_NUMBER) {
            throw new IllegalArgumentException("'%s' (%d) is no table of the system's".formatted(name, number));
        }
        List<TableRow.IndexRow> indexes = new ArrayList<>(List.of(TableRow.BY_CREATION_TIME));
        new TreeMap<>(more).forEach((index, fields) -> indexes.add(
                new TableRow.IndexRow(indexes.size() + 1, index, fields)));
        return create(name, number, indexes);
    }

    private TableRow create(String name, long number, List<TableRow.IndexRow> indexes) {
        byte[] last = entries.get(Keys.meta("tablet"));
        int tablet = last == null ? 1 : ByteBuffer.wrap(last).getInt() + 1;
        entries.put(Keys.meta("tablet"), ByteBuffer.allocate(Integer.BYTES).putInt(tablet).array());
        TableRow row = new TableRow(name, number, tablet, indexes);
        entries.put(Keys.table(name), row.encode());
        entries.put(Keys.tableNumber(number), name.getBytes(StandardCharsets.UTF_8));
        known.put(name, row);
        return row;
    }
}
