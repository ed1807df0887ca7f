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
package dev.convexbackfill.local.javascript;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.Database.PageOptions;
import dev.convexbackfill.local.function.FunctionContext;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.javascript.query.DatabaseQuery;
import dev.convexbackfill.local.javascript.query.QueryStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The syscalls of queries and mutations. Answers null for operations that it does not know. */
final class DatabaseSyscalls {

    /** Source: {@code TRANSACTION_MAX_READ_SIZE_ROWS} of the Convex backend. */
    private static final long MAX_PAGE = 32_000;

    private final FunctionContext context;
    private final Map<Integer, QueryStream> streams = new HashMap<>();
    private int lastStream;

    DatabaseSyscalls(FunctionContext context) {
        this.context = context;
    }

    @Nullable
    String sync(String operation, SyscallArguments arguments) {
        return switch (operation) {
            case "1.0/queryStream" -> {
                streams.put(++lastStream, QueryStream.of(readable(arguments.query()), context.db()));
                yield "{\"queryId\":" + lastStream + "}";
            }
            case "1.0/queryCleanup" -> Boolean
                    .toString(streams.remove((int) arguments.number("queryId")) != null);
            case "1.0/db/normalizeId" -> {
                String id = context.db().normalizeId(arguments.text("table"), arguments.text("idString"));
                yield "{\"id\":" + (id == null ? "null" : FunctionSyscalls.json(new ConvexString(id))) + "}";
            }
            case "1.0/componentArgument" -> "{}";
            default -> null;
        };
    }

    @Nullable
    String async(String operation, SyscallArguments arguments) {
        return switch (operation) {
            case "1.0/get" -> get(arguments);
            case "1.0/queryStreamNext" -> next(arguments);
            case "1.0/queryPage" -> page(arguments);
            case "1.0/count" -> Long.toString(context.db().count(arguments.text("table")));
            case "1.0/insert" -> "{\"_id\":\"" + context.db().insert(arguments.text("table"), arguments.object())
                    + "\"}";
            case "1.0/shallowMerge" -> {
                context.db().patch(target(arguments, "db.patch"), arguments.fields());
                yield "null";
            }
            case "1.0/replace" -> {
                context.db().replace(target(arguments, "db.replace"), arguments.object());
                yield "null";
            }
            case "1.0/remove" -> {
                context.db().delete(target(arguments, "db.delete"));
                yield "null";
            }
            case "1.0/runUdf" -> call(arguments);
            case "1.0/schedule" -> FunctionSyscalls.schedule(context, arguments);
            case "1.0/cancel_job" -> FunctionSyscalls.cancel(context, arguments);
            case "1.0/getTransactionMetrics" -> FunctionSyscalls.json(context.usage().toObject());
            default -> null;
        };
    }

    private String get(SyscallArguments arguments) {
        boolean isSystem = arguments.is("isSystem");
        String id = arguments.text("id");
        String table = context.db().tableOf(id);
        if (table != null) {
            requireReadable(table, isSystem);
            requireTable(arguments, table, isSystem ? "db.system.get" : "db.get");
        }
        ConvexObject document = context.db().get(id);
        return document == null ? "null" : FunctionSyscalls.json(document);
    }

    private String target(SyscallArguments arguments, String method) {
        String id = arguments.text("id");
        String table = context.db().tableOf(id);
        if (table != null) {
            requireTable(arguments, table, method);
        }
        return id;
    }

    private static void requireTable(SyscallArguments arguments, String table, String method) {
        String expected = arguments.optional("table");
        if (expected != null && !expected.equals(table)) {
            throw new SyscallFailedException(
                    "Invalid argument `id` for `%s`: expected to be an Id<\"%s\">, got Id<\"%s\"> instead."
                            .formatted(method, expected, table));
        }
    }

    private static void requireReadable(String table, boolean isSystem) {
        if (isSystem != table.startsWith("_")) {
            throw new SyscallFailedException(isSystem ? "User tables cannot be accessed with db.system."
                    : "System tables can only be accessed with db.system.");
        }
    }

    /** Some of the system's tables are no app's business, whichever way it asks. */
    private static DatabaseQuery readable(DatabaseQuery query) {
        if (query.table().startsWith("_") && !query.table().equals("_scheduled_functions")
                && !query.table().equals("_storage")) {
            throw new SyscallFailedException("The table '%s' can't be read by an app".formatted(query.table()));
        }
        return query;
    }

    private String next(SyscallArguments arguments) {
        QueryStream stream = streams.get((int) arguments.number("queryId"));
        if (stream == null) {
            throw new SyscallFailedException("in-progress query not found");
        }
        ConvexObject document = stream.next();
        return document == null ? "{\"value\":null,\"done\":true}"
                : "{\"value\":" + FunctionSyscalls.json(document) + ",\"done\":false}";
    }

    private String page(SyscallArguments arguments) {
        DatabaseQuery query = readable(arguments.query());
        long documents = arguments.whole("pageSize", 0);
        long rows = arguments.whole("maximumRowsRead", -1);
        long bytes = arguments.whole("maximumBytesRead", -1);
        if (documents > MAX_PAGE) {
            throw new SyscallFailedException("Requested too many items: " + documents);
        }
        if (rows == 0 || bytes == 0) {
            throw new SyscallFailedException("maximumRowsRead and maximumBytesRead must be greater than 0");
        }
        return FunctionSyscalls.json(context.db().paginate(query.pages(context.db()), query.condition(),
                query.conditionText(),
                new PageOptions((int) documents, arguments.optional("cursor"),
                        Math.clamp(rows, 0, Integer.MAX_VALUE), Math.max(0, bytes),
                        arguments.optional("endCursor")))
                .toObject());
    }

    private String call(SyscallArguments arguments) {
        FunctionKind kind = switch (arguments.text("udfType")) {
            // all reads of a transaction are of one snapshot here
            case "query", "snapshotQuery" -> FunctionKind.QUERY;
            case "mutation" -> FunctionKind.MUTATION;
            default -> throw new SyscallFailedException(
                    "A function can't call a function of the kind '%s'".formatted(arguments.text("udfType")));
        };
        ConvexValue result = context.call(kind, FunctionReferences.path(arguments), arguments.object());
        return FunctionSyscalls.json(result);
    }
}
