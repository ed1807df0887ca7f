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
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.ImportRefusedException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which tables an import writes and which numbers they get: what the file says, else what the first document's id says, else
 * the number that the table has. Source: {@code assign_table_numbers} of the Convex backend.
 */
final class TablePlan {

    private final Map<String, @Nullable Long> numbers = new TreeMap<>();
    private final Map<Long, String> names = new HashMap<>();

    private TablePlan() {}

    /**
     * Plans the import of a file. Refuses two tables of one number ({@code InvalidId}).
     *
     * @param declared tables that must stay if everything is replaced
     */
    static TablePlan of(ImportFile file, ImportMode mode, Map<String, Long> existing, Set<String> declared)
            throws IOException {
        TablePlan plan = new TablePlan();
        for (Map.Entry<String, Long> table : file.numbers().entrySet()) {
            if (!table.getKey().startsWith("_")) {
                plan.assign(table.getKey(), table.getValue());
            }
        }
        for (ImportFile.Table table : file.tables()) {
            Long number = plan.numbers.containsKey(table.name()) ? null : numberOfFirst(table);
            if (number != null) {
                plan.assign(table.name(), number);
            }
        }
        file.tables().forEach(table -> plan.assignExisting(table.name(), existing));
        if (mode == ImportMode.REPLACE_ALL) {
            declared.forEach(name -> plan.assignExisting(name, existing));
        }
        return plan;
    }

    private static @Nullable Long numberOfFirst(ImportFile.Table table) throws IOException {
        try (RowReader rows = table.rows().open()) {
            ConvexObject first = rows.next();
            return first != null && first.get(FieldName.ID) instanceof ConvexString(String id) && DocumentId.isValid(id)
                    ? DocumentId.parse(id).tableNumber()
                    : null;
        }
    }

    private void assign(String table, long number) {
        String other = names.putIfAbsent(number, table);
        if (other != null) {
            throw new ImportRefusedException("InvalidId",
                    "conflict between `%s` and `%s` with number %d".formatted(other, table, number));
        }
        numbers.put(table, number);
    }

    private void assignExisting(String table, Map<String, Long> existing) {
        if (!numbers.containsKey(table)) {
            Long number = existing.get(table);
            boolean isFree = number != null && names.putIfAbsent(number, table) == null;
            numbers.put(table, isFree ? number : null);
        }
    }

    /** The tables to write and their numbers; null for a number that no table has. */
    Map<String, @Nullable Long> numbers() {
        return numbers;
    }

    boolean has(String table) {
        return numbers.containsKey(table);
    }

    /** Refuses numbers of tables that stay ({@code TableConflict}). */
    void requireNoConflict(DocumentTransaction transaction, ImportMode mode) {
        names.forEach((number, table) -> transaction.imports().requireFree(table, number,
                other -> has(other) || (mode == ImportMode.REPLACE_ALL && !other.startsWith("_"))));
    }
}
