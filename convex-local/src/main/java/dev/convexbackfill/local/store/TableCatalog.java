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
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
        String name = nameOf(id.tableNumber());
        return name == null ? null : find(name);
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
        return rows(Keys.FIRST_TABLE, Keys.AFTER_TABLES);
    }

    private List<TableRow> rows(byte[] from, byte[] to) {
        List<TableRow> rows = new ArrayList<>();
        Transaction.Scan scan = entries.scan(from, to, false);
        while (scan.next()) {
            rows.add(TableRow.decode(scan.value()));
        }
        return rows;
    }

    /** Forgets what it knows, because what the transaction wrote was rolled back. */
    void forget() {
        known.clear();
    }

    /** Keeps what has changed of a table. */
    void update(TableRow row) {
        entries.put(Keys.table(row.name()), row.encode());
        known.put(row.name(), row);
    }

    /** Gives a table another index, which is to be filled. */
    TableRow addIndex(TableRow row, String name, List<String> fields, boolean isStaged) {
        int ordinal = 0;
        for (IndexRow index : row.indexes()) {
            ordinal = Math.max(ordinal, index.ordinal());
        }
        Transaction.Scan dropped = entries.scan(Keys.droppedIndex(row.tablet(), 0),
                Keys.droppedIndex(row.tablet() + 1, 0), false);
        while (dropped.next()) {
            ordinal = Math.max(ordinal, Keys.droppedOrdinal(dropped.key()));
        }
        List<IndexRow> indexes = new ArrayList<>(row.indexes());
        indexes.add(new IndexRow(ordinal + 1, name, fields, IndexState.BACKFILLING, isStaged));
        TableRow changed = row.withIndexes(indexes);
        update(changed);
        return changed;
    }

    /** Takes an index from a table; its entries are removed later. */
    TableRow dropIndex(TableRow row, IndexRow dropped) {
        entries.put(Keys.droppedIndex(row.tablet(), dropped.ordinal()), new byte[]{1});
        entries.delete(Keys.indexProgress(row.tablet(), dropped.ordinal()));
        TableRow changed = row.withIndexes(row.indexes().stream().filter(index -> !index.equals(dropped)).toList());
        update(changed);
        return changed;
    }

    /** Refuses what can't name a table of an app. */
    TableRow create(String name) {
        requireName(name);
        long number = FIRST_NUMBER;
        while (entries.get(Keys.tableNumber(number)) != null) {
            number++;
        }
        return create(name, number, List.of(TableRow.BY_CREATION_TIME));
    }

    private static void requireName(String name) {
        if (!FieldName.isIdentifier(name) || name.startsWith("_")) {
            throw new InvalidOperationException("Invalid table name %s".formatted(name));
        }
    }

    /** Makes a table of the system's with more indexes than every table has: their names, with the paths of their fields. */
    TableRow createSystem(String name, long number, Map<String, List<String>> more) {
        if (!name.startsWith("_") || number >= FIRST_NUMBER) {
            throw new IllegalArgumentException("'%s' (%d) is no table of the system's".formatted(name, number));
        }
        List<IndexRow> indexes = new ArrayList<>(List.of(TableRow.BY_CREATION_TIME));
        new TreeMap<>(more).forEach((index, fields) -> indexes.add(
                new IndexRow(indexes.size() + 1, index, fields, IndexState.ENABLED, false)));
        return create(name, number, indexes);
    }

    private TableRow create(String name, long number, List<IndexRow> indexes) {
        TableRow row = new TableRow(name, number, newTablet(), indexes);
        show(row);
        return row;
    }

    private int newTablet() {
        byte[] last = entries.get(Keys.meta("tablet"));
        int tablet = last == null ? 1 : ByteBuffer.wrap(last).getInt() + 1;
        entries.put(Keys.meta("tablet"), ByteBuffer.allocate(Integer.BYTES).putInt(tablet).array());
        return tablet;
    }

    /** Makes the table the one of its name and its number. */
    void show(TableRow row) {
        entries.put(Keys.table(row.name()), row.encode());
        entries.put(Keys.tableNumber(row.number()), row.name().getBytes(StandardCharsets.UTF_8));
        known.put(row.name(), row);
    }

    /** Takes a table away; what lies in it goes later. */
    void drop(TableRow row) {
        row.indexes().forEach(index -> entries.delete(Keys.indexProgress(row.tablet(), index.ordinal())));
        entries.delete(Keys.table(row.name()));
        entries.delete(Keys.tableNumber(row.number()));
        entries.put(Keys.dropped(row.tablet()), new byte[]{1});
        known.remove(row.name());
    }

    /**
     * Makes a table that nobody sees, with the indexes that the table of its name has.
     *
     * @param number null for one that no table has
     */
    TableRow createHidden(String name, @Nullable Long number) {
        requireName(name);
        TableRow current = find(name);
        TableRow row = new TableRow(name, number == null ? freeNumber() : number, newTablet(),
                current == null ? List.of(TableRow.BY_CREATION_TIME) : current.indexes());
        entries.put(Keys.hidden(row.tablet()), row.encode());
        return row;
    }

    /** The tables that nobody sees. */
    List<TableRow> hidden() {
        return rows(Keys.FIRST_HIDDEN, Keys.AFTER_HIDDEN);
    }

    private long freeNumber() {
        Set<Long> taken = hidden().stream().map(TableRow::number).collect(Collectors.toSet());
        long number = FIRST_NUMBER;
        while (taken.contains(number) || entries.get(Keys.tableNumber(number)) != null) {
            number++;
        }
        return number;
    }

    /** The name of the table with a number; null if there is none. */
    @Nullable
    String nameOf(long number) {
        byte[] name = entries.get(Keys.tableNumber(number));
        return name == null ? null : new String(name, StandardCharsets.UTF_8);
    }
}
