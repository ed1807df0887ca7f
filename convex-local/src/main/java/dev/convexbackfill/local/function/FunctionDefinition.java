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
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.local.limits.ByteSize;
import dev.convexbackfill.local.limits.ValueRules;
import dev.convexbackfill.local.schema.TableNames;
import dev.convexbackfill.local.schema.Validator;

/**
 * A function that is installed.
 *
 * @param path       {@code dir/module:function}
 * @param visibility who may call it
 * @param args       what its arguments must be
 * @param returns    what it must return
 * @param body       what it does
 */
public record FunctionDefinition(String path, FunctionKind kind, Visibility visibility, Validator args,
        Validator returns, Body body) {

    /** Source: {@code FUNCTION_MAX_ARGS_SIZE} and {@code FUNCTION_MAX_RESULT_SIZE} of the Convex backend. */
    static final long MAX_ARGUMENTS = 16L << 20;
    static final long MAX_RESULT = 16L << 20;
    /** Source: {@code SYSTEM_FUNCTION_MAX_RESULT_SIZE} of the Convex backend. */
    private static final long MAX_SYSTEM_RESULT = 24L << 20;

    /** Who may call a function. */
    public enum Visibility {
        PUBLIC, INTERNAL, SYSTEM
    }

    /** What a function does. */
    public interface Body {

        /**
         * Returns the function's result. Throws {@link FunctionFailedException} to fail with data, and lets the exceptions
         * of {@link Database} through; either way nothing is written.
         */
        ConvexValue run(FunctionContext context, ConvexObject args);
    }

    /** What a function does that needs the database alone. */
    public interface DatabaseBody {

        /** As {@link Body#run}. */
        ConvexValue run(Database db, ConvexObject args);
    }

    public static FunctionDefinition query(String path, Visibility visibility, Validator args, DatabaseBody body) {
        return new FunctionDefinition(path, FunctionKind.QUERY, visibility, args, Validator.ANY,
                (context, given) -> body.run(context.db(), given));
    }

    public static FunctionDefinition mutation(String path, Visibility visibility, Validator args, DatabaseBody body) {
        return new FunctionDefinition(path, FunctionKind.MUTATION, visibility, args, Validator.ANY,
                (context, given) -> body.run(context.db(), given));
    }

    /** Returns the size of the arguments in bytes. Throws {@link FunctionFailedException} for what it does not take. */
    long requireArguments(ConvexObject given, TableNames tables) {
        long size = ValueLimits.sizeOf(given);
        if (size > MAX_ARGUMENTS) {
            throw new FunctionFailedException("Arguments for %s are too large (actual: %s, limit: %s)".formatted(path,
                    ByteSize.text(size), ByteSize.text(MAX_ARGUMENTS)));
        }
        String problem = args.problem(given, tables);
        if (problem != null) {
            throw new FunctionFailedException("ArgumentValidationError: " + problem);
        }
        return size;
    }

    private String called() {
        return (kind == FunctionKind.ACTION ? "Action " : "Function ") + path;
    }

    /** Returns the size of the result in bytes. Throws {@link FunctionFailedException} for what may not be returned. */
    long requireResult(ConvexValue result, TableNames tables) {
        String noValue = ValueRules.problem(result);
        if (noValue != null) {
            throw new FunctionFailedException("%s return value invalid: %s".formatted(called(), noValue));
        }
        long size = ValueLimits.sizeOf(result);
        long limit = visibility == Visibility.SYSTEM ? MAX_SYSTEM_RESULT : MAX_RESULT;
        if (size > limit) {
            throw new FunctionFailedException("%s return value is too large (actual: %s, limit: %s)".formatted(
                    called(), ByteSize.text(size), ByteSize.text(limit)));
        }
        String problem = returns.problem(result, tables);
        if (problem != null) {
            throw new FunctionFailedException("ReturnsValidationError: " + problem);
        }
        return size;
    }
}
