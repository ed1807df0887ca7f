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
import dev.convexbackfill.local.function.Database.PageQuery;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.DocumentScan;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.StoredDocument;
import java.util.ArrayList;
import java.util.List;

/** What tells Convex's tools how far exports and imports are. */
final class SnapshotFunctions {

    private static final String EXPORTS = "_exports";
    private static final String IMPORTS = "_snapshot_imports";
    private static final int LISTED = 20;

    private SnapshotFunctions() {}

    static List<FunctionDefinition> all() {
        return List.of(
                query("_system/cli/exports:getLatest", SYSTEM, Validator.object(), (db, _) -> {
                    List<ConvexObject> newest = newest(db, EXPORTS, 1);
                    return newest.isEmpty() ? ConvexNull.NULL : newest.getFirst();
                }),
                query("_system/cli/queryImport:default", SYSTEM, Validator.object().field("importId", Validator.STRING),
                        (db, args) -> importOf(db, args.string("importId"))),
                query("_system/cli/queryImport:list", SYSTEM, Validator.object(),
                        (db, _) -> ConvexValue.array(newest(db, IMPORTS, LISTED))),
                query("_system/frontend/snapshotImport:list", SYSTEM, Validator.object(),
                        (db, _) -> ConvexValue.array(newest(db, IMPORTS, LISTED))));
    }

    private static ConvexValue importOf(Database db, String id) {
        if (db.normalizeId(IMPORTS, id) == null) {
            throw new FunctionFailedException(
                    "ArgumentValidationError: Found ID \"%s\", which does not match the table name in validator `v.id(\"%s\")`."
                            .formatted(id, IMPORTS));
        }
        ConvexObject row = db.get(id);
        return row == null ? ConvexNull.NULL : row;
    }

    private static List<ConvexObject> newest(Database db, String table, int limit) {
        List<ConvexObject> rows = new ArrayList<>();
        DocumentScan scan = db.scan(new PageQuery(table, "by_creation_time", IndexBounds.ALL, true), null);
        for (StoredDocument next = scan.next(); next != null && rows.size() < limit; next = scan.next()) {
            rows.add(next.value());
        }
        return rows;
    }
}
