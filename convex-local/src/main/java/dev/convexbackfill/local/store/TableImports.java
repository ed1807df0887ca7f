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

import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.FieldName;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What imports do in a transaction: fill tables that nobody sees, and show them, or throw them away, all at once. Refuses with
 * {@link ImportRefusedException}. Source: {@code import_facing.rs} and {@code table.rs} of the Convex backend.
 */
public final class TableImports {

    private final Transaction entries;
    private final TableCatalog tables;
    private final SchemaCatalog schemas;
    private final Documents documents;
    private final SystemFields systemFields;
    private @Nullable Map<Long, String> hiddenNames;

    TableImports(Transaction entries, TableCatalog tables, SchemaCatalog schemas, Documents documents,
            SystemFields systemFields) {
        this.entries = entries;
        this.tables = tables;
        this.schemas = schemas;
        this.documents = documents;
        this.systemFields = systemFields;
    }

    /**
     * Makes an empty table that nobody sees, with the indexes of the table of its name.
     *
     * @param number null for one that no table has
     */
    public ImportTable createHidden(String name, @Nullable Long number) {
        return new ImportTable(tables.createHidden(name, number), true);
    }

    /** The app's own table; null if there is none. */
    public @Nullable ImportTable existing(String name) {
        TableRow row = tables.find(name);
        return row == null ? null : new ImportTable(row, false);
    }

    /**
     * Puts a document that may bring its id and its creation time. Refuses an id that is none ({@code InvalidId}), one of
     * another table number ({@code ImportConflict}), one that is there ({@code DocumentExists}) or was deleted
     * ({@code DocumentDeleted}).
     */
    public void insert(ImportTable table, ConvexObject document) {
        TableRow row = table.row();
        DocumentId id = document.get(FieldName.ID) instanceof ConvexString(String given) ? requireNew(table, given)
                : systemFields.newId(row.number());
        double creationTime = document.get(FieldName.CREATION_TIME) instanceof ConvexFloat64(double given)
                ? requireTime(given)
                : systemFields.nextCreationTime();
        documents.write(row, null, SystemFields.give(document, id, creationTime), this::nameOf);
    }

    /** Ids may be of a table that is being imported as well. */
    private @Nullable String nameOf(long number) {
        Map<Long, String> names = hiddenNames;
        if (names == null) {
            names = new HashMap<>();
            for (TableRow row : tables.hidden()) {
                names.put(row.number(), row.name());
            }
            hiddenNames = names;
        }
        String hidden = names.get(number);
        return hidden != null ? hidden : tables.nameOf(number);
    }

    private DocumentId requireNew(ImportTable table, String given) {
        if (!DocumentId.isValid(given)) {
            throw new ImportRefusedException("InvalidId", "invalid _id '%s'".formatted(given));
        }
        DocumentId id = DocumentId.parse(given);
        if (id.tableNumber() != table.number()) {
            throw new ImportRefusedException("ImportConflict",
                    ("_id %s cannot be imported into '%s' because it came from a different deployment and conflict with"
                            + " preexisting tables in this deployment. Try deleting preexisting tables or importing into"
                            + " an empty deployment.").formatted(given, table.name()));
        }
        if (entries.get(Keys.document(table.tablet(), given)) != null) {
            throw new ImportRefusedException("DocumentExists",
                    "Cannot create document with _id %s that already exists. Try to update it with `db.patch` or `db.replace`."
                            .formatted(given));
        }
        if (!table.isHidden() && entries.get(Keys.tombstone(table.tablet(), given)) != null) {
            throw new ImportRefusedException("DocumentDeleted",
                    ("Cannot recreate document with _id %s that was deleted. Try to insert it without an _id or insert into"
                            + " another table.").formatted(given));
        }
        return id;
    }

    private static double requireTime(double given) {
        if (!(given > 0) || Double.isInfinite(given)) {
            throw new ImportRefusedException("InvalidCreationTime",
                    "_creationTime %s is not a time above zero".formatted(given));
        }
        return given;
    }

    /**
     * Shows hidden tables; each takes the place of the table of its name. Refuses a number that another table has
     * ({@code TableConflict}) and a table whose indexes were changed meanwhile ({@code ImportSchemaChanged}).
     */
    public void show(Collection<ImportTable> hidden) {
        Map<String, List<IndexRow>> indexes = new HashMap<>();
        for (ImportTable table : hidden) {
            TableRow current = tables.find(table.name());
            if (current != null) {
                if (!current.hasSameIndexes(table.row())) {
                    throw schemaChanged();
                }
                indexes.put(table.name(), current.indexes());
                tables.drop(current);
            }
        }
        for (ImportTable table : hidden) {
            requireFree(table.name(), table.number(), _ -> false);
            entries.delete(Keys.hidden(table.tablet()));
            // every write has kept all indexes up, so none is left to be built
            List<IndexRow> own = indexes.getOrDefault(table.name(), table.row().indexes());
            tables.show(table.row().withIndexes(own.stream().map(IndexRow::built).toList()));
        }
        // documents that were imported before a schema was pushed were not checked against it
        schemas.validateAgain();
    }

    /** What is said when tables were declared otherwise while an import ran. */
    public static ImportRefusedException schemaChanged() {
        return new ImportRefusedException("ImportSchemaChanged",
                "Could not complete import because schema changed. Avoid modifying schema.ts while importing tables");
    }

    /** Refuses a number that a table of another name has, unless that table goes. */
    public void requireFree(String name, long number, Predicate<String> goes) {
        String other = tables.nameOf(number);
        if (other != null && !other.equals(name) && !goes.test(other)) {
            throw conflict(name, other);
        }
    }

    private static ImportRefusedException conflict(String name, String other) {
        return new ImportRefusedException("TableConflict", other.startsWith("_")
                ? ("New table `%s` has IDs that conflict with existing internal table. Consider importing this table without"
                        + " `_id` fields or import into a new deployment.").formatted(name)
                : ("New table `%s` has IDs that conflict with existing table `%s`. To delete all existing tables, import"
                        + " with `npx convex import --replace-all`.").formatted(name, other));
    }

    /** Takes away a table of the app if there is one of that name. */
    public void drop(String name) {
        TableRow row = tables.find(name);
        if (row != null) {
            tables.drop(row);
        }
    }

    /** Throws a hidden table away. */
    public void discard(ImportTable table) {
        entries.delete(Keys.hidden(table.tablet()));
        entries.put(Keys.dropped(table.tablet()), new byte[]{1});
    }

    /** Throws away every hidden table. Only right while no import runs. */
    public void discardHidden() {
        tables.hidden().forEach(row -> discard(new ImportTable(row, true)));
    }
}
