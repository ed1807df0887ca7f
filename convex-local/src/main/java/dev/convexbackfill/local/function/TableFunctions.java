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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.schema.Validator;
import java.util.List;

/** The system's functions that list and count tables. */
final class TableFunctions {

    private TableFunctions() {}

    static List<FunctionDefinition> all() {
        return List.of(
                query("_system/cli/tables:default", SYSTEM,
                        Validator.object().field("paginationOpts", SystemArguments.PAGINATION), (db, _) -> tables(db)),
                query("_system/cli/tableSize:default", SYSTEM, Validator.object().field("tableName", Validator.STRING),
                        (db, args) -> ConvexValue.number((double) db.count(args.string("tableName")))),
                query("_system/frontend/tableSize:default", SYSTEM,
                        SystemArguments.ofComponent().field("tableName", Validator.STRING),
                        (db, args) -> ConvexValue.number((double) db.count(args.string("tableName")))),
                query("_system/frontend/tableSize:sizeOfAllTables", SYSTEM, SystemArguments.ofComponent(),
                        (db, _) -> ConvexValue.number(
                                (double) db.tableNumbers().keySet().stream().mapToLong(db::count).sum())),
                query("_system/frontend/getTableMapping:default", SYSTEM, SystemArguments.ofComponent(),
                        (db, _) -> tableMapping(db)));
    }

    private static ConvexValue tables(Database db) {
        List<ConvexObject> names = db.tableNumbers().keySet().stream()
                .map(name -> ConvexObject.of("name", ConvexValue.of(name))).toList();
        return ConvexObject.builder()
                .put("page", ConvexValue.array(names))
                .put("isDone", true)
                .put("continueCursor", "end")
                .build();
    }

    private static ConvexValue tableMapping(Database db) {
        ConvexObject.Builder mapping = ConvexObject.builder();
        db.tableNumbers().forEach((name, number) -> mapping.put(String.valueOf(number), name));
        return mapping.build();
    }
}
