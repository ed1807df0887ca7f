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
import dev.convexbackfill.local.limits.TransactionUsage;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a function that runs can do and know: {@code ctx}. Not thread-safe. */
public interface FunctionContext {

    /** {@code ctx.db}. Throws {@link FunctionFailedException} in an action, which has none. */
    Database db();

    /** What the transaction has used up of its limits. Throws {@link FunctionFailedException} in an action. */
    TransactionUsage usage();

    FunctionDefinition function();

    /** The user that the caller is or acts as; null for none. */
    @Nullable
    ConvexObject user();

    /** When the function began, in milliseconds since 1970; the same for as long as it runs. */
    double startedAt();

    /** What random numbers come from; another for each execution. */
    long seed();

    /** The deployment's environment variables. */
    Map<String, String> environment();

    /** What it and the functions that it calls have logged. */
    LogLines log();

    /**
     * Calls another function that the app has deployed, whoever may call it: inside this function's transaction, or, from an
     * action, in one of its own. A mutation that fails inside this transaction leaves nothing. Throws
     * {@link FunctionFailedException} as the function does, or if this function may not call it.
     */
    ConvexValue call(FunctionKind kind, String path, ConvexObject args);

    /**
     * Has a mutation or action called once this function's transaction is committed and {@code time}, in milliseconds since
     * 1970, has come. Returns the id of a row in {@code _scheduled_functions}.
     */
    String schedule(String path, ConvexObject args, double time);

    /** Takes a scheduled call back if it has not begun. Refuses an id that is no scheduled call's. */
    void cancelScheduled(String id);
}
