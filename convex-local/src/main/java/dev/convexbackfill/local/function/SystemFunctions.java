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
import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.Database.PageOptions;
import dev.convexbackfill.local.function.Database.PageQuery;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.IndexBounds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The functions that every deployment has for Convex's own tools, as far as tools list tables and page through data. */
final class SystemFunctions {

    /** Source: {@code npm-packages/system-udfs/convex/_system/paginationLimits.ts} of the Convex backend. */
    private static final int MAXIMUM_ROWS = 10_000;
    private static final long MAXIMUM_BYTES = 5_000_000;

    private static final Validator.ObjectOf PAGINATION = Validator.object()
            .field("numItems", Validator.NUMBER)
            .field("cursor", Validator.nullable(Validator.STRING))
            .optional("endCursor", Validator.nullable(Validator.STRING))
            .optional("id", Validator.NUMBER)
            .optional("maximumRowsRead", Validator.NUMBER)
            .optional("maximumBytesRead", Validator.NUMBER);

    private static final Validator COMPONENT = Validator.nullable(Validator.STRING);

    private SystemFunctions() {}

    /** {@code installed} tells what the app has deployed. */
    static List<FunctionDefinition> all(Supplier<List<FunctionDefinition>> installed) {
        return List.of(
                query("_system/cli/tables:default", SYSTEM, Validator.object().field("paginationOpts", PAGINATION),
                        (db, _) -> tables(db)),
                query("_system/cli/tableData:default", SYSTEM, Validator.object()
                        .field("table", Validator.STRING)
                        .field("order", Validator.union(Validator.literal("asc"), Validator.literal("desc")))
                        .field("paginationOpts", PAGINATION), SystemFunctions::tableData),
                query("_system/cli/tableSize:default", SYSTEM, Validator.object().field("tableName", Validator.STRING),
                        (db, args) -> ConvexValue.number((double) db.count(args.string("tableName")))),
                query("_system/cli/modules:apiSpec", SYSTEM, Validator.object().optional("componentId", COMPONENT),
                        (_, _) -> apiSpec(installed.get())),
                query("_system/frontend/getTableMapping:default", SYSTEM,
                        Validator.object().optional("componentId", COMPONENT), (db, _) -> tableMapping(db)),
                query("_system/frontend/getById:default", SYSTEM,
                        Validator.object().field("id", Validator.STRING).optional("componentId", COMPONENT),
                        (db, args) -> orNull(db.get(args.string("id")))),
                query("_system/cli/queryEnvironmentVariables:default", SYSTEM, Validator.object(),
                        (db, _) -> variables(db)),
                query("_system/frontend/listEnvironmentVariables:default", SYSTEM, Validator.object(),
                        (db, _) -> variables(db)),
                new FunctionDefinition("_system/cli/queryEnvironmentVariables:get", FunctionKind.QUERY, SYSTEM,
                        Validator.object().field("name", Validator.STRING), Validator.ANY,
                        (context, args) -> variable(context, args.string("name"))),
                cloudUrl("_system/cli/convexUrl:cloudUrl"),
                cloudUrl("_system/frontend/convexCloudUrl:default"));
    }

    private static ConvexValue variables(Database db) {
        return ConvexValue.array(db.take(SystemTables.ENVIRONMENT_VARIABLES, MAXIMUM_ROWS).stream()
                .sorted(Comparator.comparing(row -> row.string("name"))).toList());
    }

    /** Also one that the deployment has by itself. */
    private static ConvexValue variable(FunctionContext context, String name) {
        String value = context.environment().get(name);
        return value == null ? ConvexNull.NULL
                : ConvexObject.of("name", ConvexValue.of(name), "value", ConvexValue.of(value));
    }

    /** Where the deployment serves. */
    private static FunctionDefinition cloudUrl(String path) {
        return new FunctionDefinition(path, FunctionKind.QUERY, SYSTEM, Validator.object(), Validator.ANY,
                (context, _) -> ConvexValue.of(requireNonNull(context.environment().get("CONVEX_CLOUD_URL"),
                        "CONVEX_CLOUD_URL is not set")));
    }

    private static ConvexValue orNull(@Nullable ConvexObject document) {
        return document == null ? ConvexNull.NULL : document;
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

    private static ConvexValue tableData(Database db, ConvexObject args) {
        ConvexObject options = args.object("paginationOpts");
        return db.paginate(
                new PageQuery(args.string("table"), "by_creation_time", IndexBounds.ALL,
                        args.string("order").equals("desc")),
                new PageOptions((int) options.number("numItems"), options.optionalString("cursor"),
                        MAXIMUM_ROWS, MAXIMUM_BYTES))
                .toObject();
    }

    private static ConvexValue apiSpec(List<FunctionDefinition> installed) {
        List<ConvexObject> functions = new ArrayList<>();
        List<FunctionDefinition> sorted = installed.stream().sorted(Comparator.comparing(FunctionDefinition::path))
                .toList();
        for (FunctionDefinition function : sorted) {
            functions.add(ConvexObject.builder()
                    .put("identifier", function.path().replaceFirst(":", ".js:"))
                    .put("functionType", function.kind().displayName())
                    .put("visibility",
                            ConvexObject.of("kind",
                                    ConvexValue.of(function.visibility().name().toLowerCase(Locale.ROOT))))
                    .put("args", function.args().toJson())
                    .put("returns", function.returns().toJson())
                    .build());
        }
        return ConvexValue.array(functions);
    }
}
