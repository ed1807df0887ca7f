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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.limits.LimitExceededException;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.DocumentTransaction.Savepoint;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.InvalidOperationException;
import dev.convexbackfill.local.store.StoredDocument;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A query or a mutation in its transaction, and those that it calls. */
final class TransactionContext implements FunctionContext {

    /** Source: {@code MAX_REACTOR_CALL_DEPTH} of the Convex backend. */
    private static final int MAX_DEPTH = 8;

    private final FunctionRegistry registry;
    private final DocumentTransaction transaction;
    private final TransactionUsage usage;
    private final Cursors cursors;
    private final FunctionDefinition function;
    private final Execution execution;
    private final int depth;
    private final Database db;

    TransactionContext(FunctionRegistry registry, DocumentTransaction transaction, TransactionUsage usage,
            Cursors cursors, FunctionDefinition function, Execution execution) {
        this(registry, transaction, usage, cursors, function, execution, 0);
    }

    private TransactionContext(FunctionRegistry registry, DocumentTransaction transaction, TransactionUsage usage,
            Cursors cursors, FunctionDefinition function, Execution execution, int depth) {
        this.registry = registry;
        this.transaction = transaction;
        this.usage = usage;
        this.cursors = cursors;
        this.function = function;
        this.execution = execution;
        this.depth = depth;
        this.db = new Database(transaction, cursors, function, depth == 0 ? execution.journal() : Journal.empty());
    }

    /** Runs the function. Whatever is refused on the way becomes a {@link FunctionFailedException}. */
    ConvexValue run(ConvexObject args) {
        function.requireArguments(args);
        try {
            ConvexValue result = function.body().run(this, args);
            function.requireResult(result);
            return result;
        } catch (InvalidOperationException | LimitExceededException | InvalidValueException refused) {
            throw new FunctionFailedException("Uncaught Error: " + refused.getMessage());
        }
    }

    @Override
    public Database db() {
        return db;
    }

    @Override
    public TransactionUsage usage() {
        return usage;
    }

    @Override
    public FunctionDefinition function() {
        return function;
    }

    @Override
    public @Nullable ConvexObject user() {
        return execution.caller().user();
    }

    @Override
    public double startedAt() {
        return execution.startedAt();
    }

    @Override
    public long seed() {
        return execution.seed() + depth;
    }

    @Override
    public LogLines log() {
        return execution.log();
    }

    @Override
    public Map<String, String> environment() {
        Map<String, String> variables = new TreeMap<>();
        transaction.scan(SystemTables.ENVIRONMENT_VARIABLES, "by_creation_time", IndexBounds.ALL, false, null)
                .forEachRemaining(row -> variables.put(row.value().string("name"), row.value().string("value")));
        return variables;
    }

    @Override
    public ConvexValue call(FunctionKind kind, String path, ConvexObject args) {
        FunctionDefinition callee = registry.require(path, kind);
        boolean isAllowed = kind == FunctionKind.QUERY
                || (kind == FunctionKind.MUTATION && function.kind() == FunctionKind.MUTATION);
        if (!isAllowed) {
            throw new FunctionFailedException("Uncaught Error: A %s can't call a %s".formatted(
                    function.kind().displayName(), kind.displayName()));
        }
        if (depth == MAX_DEPTH) {
            throw new FunctionFailedException(
                    "Uncaught Error: Cross component call depth limit exceeded. Do you have an infinite loop in your app?");
        }
        Savepoint before = transaction.savepoint();
        try {
            return new TransactionContext(registry, transaction, usage, cursors, callee, execution, depth + 1)
                    .run(args);
        } catch (FunctionFailedException failed) {
            transaction.rollBack(before);
            throw failed;
        }
    }

    @Override
    public String schedule(String path, ConvexObject args, double time) {
        requireMutation();
        registry.requireSchedulable(path);
        SystemTables.ensureScheduledFunctions(transaction);
        return transaction.insert(SystemTables.SCHEDULED_FUNCTIONS, ScheduledCall.pending(path, args, time)).toString();
    }

    @Override
    public void cancelScheduled(String id) {
        requireMutation();
        StoredDocument row = SystemTables.SCHEDULED_FUNCTIONS.equals(transaction.tableOf(id)) ? transaction.get(id)
                : null;
        if (row == null) {
            throw new InvalidOperationException("'%s' is no id of a scheduled function".formatted(id));
        }
        if (ScheduledCall.isPending(row.value())) {
            transaction.patch(id, ScheduledCall.canceled(startedAt()));
        }
    }

    private void requireMutation() {
        if (function.kind() == FunctionKind.QUERY) {
            throw new FunctionFailedException("Uncaught Error: A query can't schedule functions");
        }
    }
}
