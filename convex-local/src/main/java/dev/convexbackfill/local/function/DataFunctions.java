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
import dev.convexbackfill.local.function.Database.Page;
import dev.convexbackfill.local.function.Database.PageQuery;
import dev.convexbackfill.local.limits.LimitExceededException;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.DocumentScan;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.StoredDocument;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The system's functions that show documents. */
final class DataFunctions {

    private static final Validator ORDER = Validator.union(Validator.literal("asc"), Validator.literal("desc"));

    private DataFunctions() {}

    static List<FunctionDefinition> all() {
        return List.of(
                query("_system/cli/tableData:default", SYSTEM, Validator.object()
                        .field("table", Validator.STRING)
                        .field("order", ORDER)
                        .field("paginationOpts", SystemArguments.PAGINATION),
                        (db, args) -> page(db, args, args.string("order").equals("desc")).toObject()),
                query("_system/frontend/paginatedTableDocuments:default", SYSTEM, SystemArguments.ofComponent()
                        .field("table", Validator.STRING)
                        .field("filters", Validator.nullable(Validator.STRING))
                        .field("paginationOpts", SystemArguments.PAGINATION), DataFunctions::filteredPage),
                query("_system/frontend/listTableScan:default", SYSTEM, SystemArguments.ofComponent()
                        .field("table", Validator.STRING)
                        .field("limit", Validator.NUMBER), DataFunctions::newest),
                query("_system/frontend/getById:default", SYSTEM,
                        SystemArguments.ofComponent().field("id", Validator.STRING),
                        (db, args) -> orNull(db.get(args.string("id")))),
                query("_system/frontend/listById:default", SYSTEM, SystemArguments.ofComponent()
                        .field("ids", Validator.array(
                                Validator.object().field("id", Validator.STRING).field("tableName", Validator.STRING))),
                        DataFunctions::byIds));
    }

    private static ConvexValue orNull(@Nullable ConvexObject document) {
        return document == null ? ConvexNull.NULL : document;
    }

    private static PageQuery table(String name, boolean descending) {
        return new PageQuery(name, "by_creation_time", IndexBounds.ALL, descending);
    }

    private static Page page(Database db, ConvexObject args, boolean descending) {
        return db.paginate(table(args.string("table"), descending), SystemArguments.page(args));
    }

    /** A page may come out short, as pages of filtered queries do. */
    private static ConvexValue filteredPage(Database db, ConvexObject args) {
        DocumentFilter filter = DocumentFilter.parse(args.optionalString("filters"));
        Page page = page(db, args, filter.isDescending());
        return new Page(page.documents().stream().filter(filter::accepts).toList(), page.isDone(),
                page.continueCursor(), page.splitCursor(), page.status()).toObject();
    }

    private static ConvexValue newest(Database db, ConvexObject args) {
        List<ConvexObject> documents = new ArrayList<>();
        DocumentScan scan = db.scan(table(args.string("table"), true), null);
        try {
            StoredDocument next = documents.size() < args.number("limit") ? scan.next() : null;
            while (next != null) {
                documents.add(next.value());
                next = documents.size() < args.number("limit") ? scan.next() : null;
            }
        } catch (LimitExceededException _) {
            // as in Convex, what could be read is shown
        }
        return ConvexValue.array(documents);
    }

    private static ConvexValue byIds(Database db, ConvexObject args) {
        List<ConvexValue> documents = new ArrayList<>();
        for (ConvexValue element : args.array("ids")) {
            ConvexObject wanted = (ConvexObject) element;
            String id = db.normalizeId(wanted.string("tableName"), wanted.string("id"));
            documents.add(id == null ? ConvexNull.NULL : orNull(db.get(id)));
        }
        return ConvexValue.array(documents);
    }
}
