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
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.local.limits.LimitExceededException;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.DocumentTransaction.Savepoint;
import dev.convexbackfill.local.store.InvalidOperationException;
import dev.convexbackfill.local.store.StoredDocument;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A query or a mutation in its transaction, and those that it calls. */
final class TransactionContext implements FunctionContext {

    /** Source: {@code MAX_REACTOR_CALL_DEPTH} of the Convex backend. */
    private static final int MAX_DEPTH = 8;
    /** Source: {@code validate_schedule_args} of the Convex backend. */
    private static final Duration MAX_SCHEDULING_DISTANCE = Duration.ofDays(5 * 366);

    private final FunctionRegistry registry;
    private final DocumentTransaction transaction;
    private final TransactionUsage usage;
    private final Cursors cursors;
    private final EnvironmentVariables variables;
    private final FunctionDefinition function;
    private final Execution execution;
    private final int depth;
    private final Database db;

    TransactionContext(FunctionRegistry registry, DocumentTransaction transaction, TransactionUsage usage,
            Cursors cursors, EnvironmentVariables variables, FunctionDefinition function, Execution execution) {
        this(registry, transaction, usage, cursors, variables, function, execution, 0);
    }

    private TransactionContext(FunctionRegistry registry, DocumentTransaction transaction, TransactionUsage usage,
            Cursors cursors, EnvironmentVariables variables, FunctionDefinition function, Execution execution,
            int depth) {
        this.registry = registry;
        this.transaction = transaction;
        this.usage = usage;
        this.cursors = cursors;
        this.variables = variables;
        this.function = function;
        this.execution = execution;
        this.depth = depth;
        this.db = new Database(transaction, cursors, function, depth == 0 ? execution.journal() : Journal.empty());
    }

    /** Runs the function. Whatever is refused on the way becomes a {@link FunctionFailedException}. */
    ConvexValue run(ConvexObject args) {
        long argumentsSize = function.requireArguments(args, transaction.tableNames());
        long resultSize = 0;
        try {
            ConvexValue result = function.body().run(this, args);
            resultSize = function.requireResult(result, transaction.tableNames());
            return result;
        } catch (InvalidOperationException | LimitExceededException | InvalidValueException refused) {
            throw new FunctionFailedException("Uncaught Error: " + refused.getMessage());
        } finally {
            if (depth == 0) {
                List<String> warnings = usage.warnings();
                TransactionUsage.warnOfSize(warnings, argumentsSize, FunctionDefinition.MAX_ARGUMENTS,
                        "Large size of the function arguments");
                TransactionUsage.warnOfSize(warnings, resultSize, FunctionDefinition.MAX_RESULT,
                        "Large size of the function return value");
                warnings.forEach(execution.log()::warn);
            }
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
        return variables.all(transaction);
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
            return new TransactionContext(registry, transaction, usage, cursors, variables, callee, execution,
                    depth + 1)
                    .run(args);
        } catch (FunctionFailedException failed) {
            transaction.rollBack(before);
            throw failed;
        }
    }

    @Override
    public String schedule(String path, ConvexObject args, double time) {
        requireMutation();
        FunctionDefinition scheduled = registry.requireSchedulable(path);
        if (Math.abs(time - startedAt()) > MAX_SCHEDULING_DISTANCE.toMillis()) {
            throw new InvalidOperationException("%s is more than 5 years in the %s".formatted(
                    ConvexValue.number(time), time > startedAt() ? "future" : "past"));
        }
        usage.schedule(ValueLimits.sizeOf(ConvexValue.array(args)));
        SystemTables.ensureScheduledFunctions(transaction);
        ConvexObject row = schedulerWasCanceled() ? ScheduledCall.neverRun(scheduled, args, startedAt())
                : ScheduledCall.pending(scheduled, args, time);
        return transaction.insert(SystemTables.SCHEDULED_FUNCTIONS, row).toString();
    }

    /** What an action schedules after it was canceled is canceled too. */
    private boolean schedulerWasCanceled() {
        String id = execution.origin().scheduledCall();
        StoredDocument row = id == null ? null : transaction.get(id);
        return row != null && ScheduledCall.isCanceled(row.value());
    }

    @Override
    public void cancelScheduled(String id) {
        requireMutation();
        if (!SystemTables.SCHEDULED_FUNCTIONS.equals(transaction.tableOf(id))) {
            throw new InvalidOperationException(
                    "Invalid scheduled function ID. The ID must be an ID on the '_scheduled_functions' table.");
        }
        StoredDocument row = transaction.get(id);
        if (row != null && ScheduledCall.isUnfinished(row.value())) {
            transaction.patch(id, ScheduledCall.canceled(startedAt()));
        }
    }

    private void requireMutation() {
        if (function.kind() == FunctionKind.QUERY) {
            throw new FunctionFailedException("Uncaught Error: A query can't schedule functions");
        }
    }
}
