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
package dev.convexbackfill.local;

import static dev.convexbackfill.local.function.FunctionDefinition.mutation;
import static dev.convexbackfill.local.function.FunctionDefinition.query;

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.Database;
import dev.convexbackfill.local.function.Database.PageOptions;
import dev.convexbackfill.local.function.Database.PageQuery;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.IndexBounds;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Functions that let tests look into a deployment from outside, and fail as apps do. */
public final class TestFunctions {

    private TestFunctions() {}

    /** In the module {@code test}: the twins of {@code convex/test/app/test.ts}. */
    public static List<FunctionDefinition> all() {
        return List.of(
                mutation("test:reset", Visibility.INTERNAL,
                        Validator.object().field("tables", Validator.array(Validator.STRING))
                                .field("rows", Validator.NUMBER),
                        TestFunctions::reset),
                mutation("test:insert", Visibility.PUBLIC, Validator.object().field("table", Validator.STRING)
                        .field("documents", Validator.array(Validator.ANY)), TestFunctions::insert),
                query("test:get", Visibility.PUBLIC, Validator.object().field("id", Validator.STRING),
                        (db, args) -> orNull(db.get(args.string("id")))),
                mutation("test:patch", Visibility.PUBLIC,
                        Validator.object().field("id", Validator.STRING).field("fields", Validator.ANY), (db, args) -> {
                            db.patch(args.string("id"), args.object("fields").toMap());
                            return ConvexNull.NULL;
                        }),
                mutation("test:replace", Visibility.PUBLIC,
                        Validator.object().field("id", Validator.STRING).field("document", Validator.ANY),
                        (db, args) -> {
                            db.replace(args.string("id"), args.object("document"));
                            return ConvexNull.NULL;
                        }),
                mutation("test:remove", Visibility.PUBLIC, Validator.object().field("id", Validator.STRING),
                        (db, args) -> {
                            db.delete(args.string("id"));
                            return ConvexNull.NULL;
                        }),
                query("test:all", Visibility.PUBLIC, Validator.object().field("table", Validator.STRING),
                        (db, args) -> ConvexValue.array(db.take(args.string("table"), 8000))),
                query("test:echo", Visibility.PUBLIC, Validator.object().field("value", Validator.ANY),
                        (_, args) -> args.require("value")),
                mutation("test:refuse", Visibility.PUBLIC, Validator.object(), (db, _) -> {
                    db.insert("refused", ConvexObject.EMPTY);
                    throw new FunctionFailedException(
                            ConvexObject.of("kind", ConvexValue.of("nope"), "n", ConvexValue.int64(7)));
                }),
                query("test:fail", Visibility.PUBLIC, Validator.object(), (_, _) -> {
                    throw new FunctionFailedException("Uncaught Error: plain");
                }),
                query("test:page", Visibility.PUBLIC,
                        Validator.object().field("table", Validator.STRING).field("paginationOpts", Validator.ANY),
                        TestFunctions::page),
                new FunctionDefinition("test:act", FunctionKind.ACTION, Visibility.PUBLIC, Validator.object(),
                        Validator.ANY, (context, args) -> context.call(FunctionKind.QUERY, "test:secret", args)),
                query("test:secret", Visibility.INTERNAL, Validator.object(), (_, _) -> ConvexValue.of("internal")));
    }

    private static ConvexValue reset(Database db, ConvexObject args) {
        int left = (int) args.number("rows");
        for (ConvexValue table : args.array("tables")) {
            List<ConvexObject> documents = db.take(((ConvexString) table).value(), left);
            documents.forEach(document -> db.delete(document.string("_id")));
            left -= documents.size();
            if (left == 0) {
                return ConvexObject.of("isDone", ConvexValue.of(false));
            }
        }
        return ConvexObject.of("isDone", ConvexValue.of(true));
    }

    private static ConvexValue insert(Database db, ConvexObject args) {
        List<ConvexValue> ids = new ArrayList<>();
        args.array("documents").forEach(document -> ids.add(
                ConvexValue.of(db.insert(args.string("table"), (ConvexObject) document))));
        return ConvexValue.array(ids);
    }

    private static ConvexValue page(Database db, ConvexObject args) {
        ConvexObject options = args.object("paginationOpts");
        return db.paginate(
                new PageQuery(args.string("table"), "by_creation_time", IndexBounds.ALL, false),
                new PageOptions((int) options.number("numItems"), options.optionalString("cursor"), 0, 0,
                        options.optionalString("endCursor")))
                .toObject();
    }

    private static ConvexValue orNull(@Nullable ConvexObject document) {
        return document == null ? ConvexNull.NULL : document;
    }
}
