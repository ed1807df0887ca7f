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

import dev.convexbackfill.local.schema.DatabaseSchema;
import dev.convexbackfill.local.schema.IndexSchema;
import dev.convexbackfill.local.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the indexes of a deployment what a schema declares, in two steps: before, the new ones are added to be built, and after
 * it is validated, they take the place of those that are no longer declared. Source:
 * {@code crates/database/src/bootstrap_model/index.rs} of the Convex backend.
 */
final class IndexChanges {

    private final TableCatalog tables;
    private final DatabaseSchema schema;
    private final List<IndexInfo> added = new ArrayList<>();
    private final List<IndexInfo> dropped = new ArrayList<>();
    private final List<IndexInfo> enabled = new ArrayList<>();
    private final List<IndexInfo> disabled = new ArrayList<>();

    IndexChanges(TableCatalog tables, DatabaseSchema schema) {
        this.tables = tables;
        this.schema = schema;
    }

    private record Wanted(List<String> fields, boolean isStaged) {}

    private Map<String, Wanted> wanted(TableRow table) {
        Map<String, Wanted> wanted = new HashMap<>();
        TableSchema declared = schema.tables().get(table.name());
        if (declared != null) {
            for (IndexSchema index : declared.indexes()) {
                wanted.put(index.name(), new Wanted(index.fields(), false));
            }
            for (IndexSchema index : declared.stagedIndexes()) {
                wanted.put(index.name(), new Wanted(index.fields(), true));
            }
        }
        return wanted;
    }

    private List<TableRow> ownTables() {
        return tables.rows().stream().filter(table -> !table.isSystem()).toList();
    }

    /** Adds what is missing, and creates the tables that are. */
    IndexDiff prepare() {
        for (String name : schema.tables().keySet()) {
            if (tables.find(name) == null) {
                tables.create(name);
            }
        }
        ownTables().forEach(this::prepare);
        return new IndexDiff(added, dropped, enabled, disabled);
    }

    private void prepare(TableRow before) {
        TableRow table = before;
        Map<String, Wanted> wanted = wanted(table);
        for (IndexRow index : before.declaredIndexes()) {
            Wanted other = wanted.get(index.name());
            if (other != null && other.fields().equals(index.fields())) {
                wanted.remove(index.name());
                table = restage(table, index, other.isStaged());
            } else {
                dropped.add(info(table, index));
                if (index.state() != IndexState.ENABLED) {
                    // nobody can be using it yet
                    table = tables.dropIndex(table, index);
                }
            }
        }
        for (Map.Entry<String, Wanted> missing : wanted.entrySet()) {
            table = tables.addIndex(table, missing.getKey(), missing.getValue().fields(),
                    missing.getValue().isStaged());
            added.add(info(table, table.indexes().getLast()));
        }
    }

    private TableRow restage(TableRow table, IndexRow index, boolean isStaged) {
        if (index.isStaged() == isStaged) {
            return table;
        }
        IndexRow changed = index.with(index.state(), isStaged);
        (isStaged ? disabled : enabled).add(info(table, changed));
        return replace(table, index, changed);
    }

    private TableRow replace(TableRow table, IndexRow index, IndexRow changed) {
        TableRow replaced = table.withIndexes(
                table.indexes().stream().map(other -> other.equals(index) ? changed : other).toList());
        tables.update(replaced);
        return replaced;
    }

    /** True if every index that the schema wants in use is built. */
    boolean isReady() {
        for (TableRow table : ownTables()) {
            Map<String, Wanted> wanted = wanted(table);
            for (IndexRow index : table.declaredIndexes()) {
                Wanted declared = wanted.get(index.name());
                if (index.state() == IndexState.BACKFILLING && !index.isStaged() && declared != null
                        && declared.fields().equals(index.fields())) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Puts the indexes to use that are wanted in use, and drops those that are not declared. */
    void apply() {
        for (TableRow before : ownTables()) {
            TableRow table = before;
            Map<String, Wanted> wanted = wanted(table);
            for (IndexRow index : before.declaredIndexes()) {
                Wanted declared = wanted.get(index.name());
                if (declared == null || !declared.fields().equals(index.fields())) {
                    table = tables.dropIndex(table, index);
                } else if (index.state() != IndexState.BACKFILLING) {
                    IndexState state = declared.isStaged() ? IndexState.BACKFILLED : IndexState.ENABLED;
                    IndexRow changed = index.with(state, declared.isStaged());
                    if (!changed.equals(index)) {
                        table = replace(table, index, changed);
                    }
                }
            }
        }
    }

    private static IndexInfo info(TableRow table, IndexRow index) {
        return new IndexInfo(table.name(), index.name(), index.fields(), index.state(), index.isStaged(), 0, 0);
    }
}
