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
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.TableNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An action: it has no transaction, and what it calls has one of its own. */
final class ActionContext implements FunctionContext {

    private final FunctionRunner runner;
    private final FunctionRegistry registry;
    private final FunctionDefinition function;
    private final Execution execution;

    ActionContext(FunctionRunner runner, FunctionRegistry registry, FunctionDefinition function, Execution execution) {
        this.runner = runner;
        this.registry = registry;
        this.function = function;
        this.execution = execution;
    }

    ConvexValue run(ConvexObject args) {
        TableNames tables = runner.tableNames();
        long argumentsSize = function.requireArguments(args, tables);
        try {
            ConvexValue result = function.body().run(this, args);
            List<String> warnings = new ArrayList<>();
            TransactionUsage.warnOfSize(warnings, argumentsSize, FunctionDefinition.MAX_ARGUMENTS,
                    "Large size of the function arguments");
            TransactionUsage.warnOfSize(warnings, function.requireResult(result, tables), FunctionDefinition.MAX_RESULT,
                    "Large size of the function return value");
            warnings.forEach(execution.log()::warn);
            return result;
        } catch (InvalidValueException refused) {
            throw new FunctionFailedException("Uncaught Error: " + refused.getMessage());
        }
    }

    @Override
    public Database db() {
        throw new FunctionFailedException("Uncaught Error: An action has no database");
    }

    @Override
    public TransactionUsage usage() {
        throw new FunctionFailedException("Uncaught Error: An action has no transaction");
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
        return execution.seed();
    }

    @Override
    public LogLines log() {
        return execution.log();
    }

    @Override
    public Map<String, String> environment() {
        return runner.inTransaction(function, execution, TransactionContext::environment);
    }

    @Override
    public ConvexValue call(FunctionKind kind, String path, ConvexObject args) {
        return runner.callFromAction(registry.require(path, kind), args, execution);
    }

    @Override
    public String schedule(String path, ConvexObject args, double time) {
        return runner.inTransaction(function, execution, transaction -> transaction.schedule(path, args, time));
    }

    @Override
    public void cancelScheduled(String id) {
        runner.inTransaction(function, execution, transaction -> {
            transaction.cancelScheduled(id);
            return id;
        });
    }
}
