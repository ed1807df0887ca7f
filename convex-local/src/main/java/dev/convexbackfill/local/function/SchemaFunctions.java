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
package dev.convexbackfill.local.function;

import static dev.convexbackfill.local.function.FunctionDefinition.Visibility.SYSTEM;
import static dev.convexbackfill.local.function.FunctionDefinition.query;

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.schema.DatabaseSchema;
import dev.convexbackfill.local.schema.SearchIndexSchema;
import dev.convexbackfill.local.schema.TableSchema;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.schema.VectorIndexSchema;
import dev.convexbackfill.local.store.IndexInfo;
import dev.convexbackfill.local.store.IndexState;
import dev.convexbackfill.local.store.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The system's functions that tell of schemas and indexes. Source:
 * {@code npm-packages/system-udfs/convex/_system/frontend/{getSchemas,indexes}.ts} of the Convex backend.
 */
final class SchemaFunctions {

    private SchemaFunctions() {}

    static List<FunctionDefinition> all() {
        return List.of(
                query("_system/frontend/getSchemas:default", SYSTEM, SystemArguments.ofComponent(),
                        (db, _) -> schemas(db)),
                query("_system/frontend/getSchemas:schemaValidationProgress", SYSTEM, SystemArguments.ofComponent(),
                        (db, _) -> db.transaction().schemas().progress().map(SchemaFunctions::progress)
                                .orElse(ConvexNull.NULL)),
                query("_system/frontend/indexes:default", SYSTEM, Validator.object()
                        .optional("tableName", Validator.nullable(Validator.STRING))
                        .field("tableNamespace", Validator.nullable(Validator.STRING)), SchemaFunctions::indexes));
    }

    private static ConvexValue schemas(Database db) {
        ConvexObject.Builder schemas = ConvexObject.builder();
        db.transaction().schemas().active().ifPresent(schema -> schemas.put("active", schema.toJson()));
        db.transaction().schemas().inProgress().ifPresent(schema -> schemas.put("inProgress", schema.toJson()));
        return schemas.build();
    }

    private static ConvexValue progress(Progress progress) {
        return ConvexObject.builder().put("numDocsValidated", (double) progress.done())
                .put("totalDocs", (double) progress.total()).build();
    }

    private static ConvexValue indexes(Database db, ConvexObject args) {
        String table = args.optionalString("tableName");
        if (table == null || !db.tableNumbers().containsKey(table)) {
            return ConvexNull.NULL;
        }
        List<ConvexObject> indexes = new ArrayList<>();
        db.transaction().indexes().stream().filter(index -> index.table().equals(table))
                .forEach(index -> indexes.add(describe(index)));
        Optional<TableSchema> declared = db.transaction().schemas().active().map(DatabaseSchema::tables)
                .map(tables -> tables.get(table));
        declared.ifPresent(schema -> {
            schema.searchIndexes().forEach(index -> indexes.add(describe(index, false)));
            schema.stagedSearchIndexes().forEach(index -> indexes.add(describe(index, true)));
            schema.vectorIndexes().forEach(index -> indexes.add(describe(index, false)));
            schema.stagedVectorIndexes().forEach(index -> indexes.add(describe(index, true)));
        });
        return ConvexValue.array(indexes);
    }

    private static ConvexObject describe(IndexInfo index) {
        ConvexObject backfill = switch (index.state()) {
            case BACKFILLING -> ConvexObject.of("state", ConvexValue.of("backfilling"), "stats",
                    ConvexObject.builder().put("numDocsIndexed", (double) index.indexed())
                            .put("totalDocs", (double) index.documents()).build());
            case BACKFILLED -> ConvexObject.of("state", ConvexValue.of("backfilled"));
            case ENABLED -> ConvexObject.of("state", ConvexValue.of("done"));
        };
        return describe(index.name(), strings(index.fields()), index.staged() && index.state() != IndexState.ENABLED,
                backfill);
    }

    private static ConvexObject describe(SearchIndexSchema index, boolean isStaged) {
        return describe(index.name(), ConvexObject.of("searchField", ConvexValue.of(index.searchField()),
                "filterFields", strings(index.filterFields())), isStaged, done(isStaged));
    }

    private static ConvexObject describe(VectorIndexSchema index, boolean isStaged) {
        return describe(index.name(), ConvexObject.builder()
                .put("vectorField", index.vectorField())
                .put("filterFields", strings(index.filterFields()))
                .put("dimensions", index.dimensions()).build(), isStaged, done(isStaged));
    }

    private static ConvexObject done(boolean isStaged) {
        return ConvexObject.of("state", ConvexValue.of(isStaged ? "backfilled" : "done"));
    }

    private static ConvexObject describe(String name, ConvexValue fields, boolean isStaged, ConvexObject backfill) {
        return ConvexObject.builder().put("name", name).put("staged", isStaged).put("fields", fields)
                .put("backfill", backfill).build();
    }

    private static ConvexValue strings(List<String> strings) {
        return ConvexValue.array(strings.stream().map(ConvexValue::of).toList());
    }
}
