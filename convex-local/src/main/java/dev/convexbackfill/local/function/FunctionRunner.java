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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.limits.LimitExceededException;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.InvalidOperationException;
import dev.convexbackfill.local.store.Store;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Runs functions, each in a transaction of its own; a mutation that conflicts is run again, as in Convex. Thread-safe.
 */
public final class FunctionRunner {

    /** Source: {@code UDF_EXECUTOR_OCC_MAX_RETRIES} and its back-off in the Convex backend. */
    private static final int CONFLICT_RETRIES = 4;
    private static final Duration FIRST_CONFLICT_DELAY = Duration.ofMillis(100);
    private static final Duration MAX_CONFLICT_DELAY = Duration.ofSeconds(2);

    private final Store store;
    private final TransactionLimits limits;
    private final DocumentSchema schema;
    private final FunctionRegistry registry = new FunctionRegistry();
    private final Cursors cursors;
    private final StopSignal closing;

    /** Makes cursors with {@code secret}; {@code closing} ends waits between attempts. */
    public FunctionRunner(Store store, TransactionLimits limits, DocumentSchema schema, byte[] secret,
            StopSignal closing) {
        this.store = store;
        this.limits = limits;
        this.schema = schema;
        this.cursors = new Cursors(secret);
        this.closing = closing;
    }

    /** Replaces the installed functions. */
    public void install(Collection<FunctionDefinition> functions) {
        registry.install(functions);
    }

    /** Who calls. */
    public enum Caller {
        ADMIN, ANONYMOUS
    }

    /** How a mutation is disturbed on its way. */
    public interface Disturbance {

        /** Leaves it alone. */
        Disturbance NONE = () -> false;

        /** Returns whether to treat this attempt as conflicting. Called right before each commit. */
        boolean conflictsBeforeCommit();
    }

    /**
     * Runs the query or mutation at {@code path}. Throws {@link FunctionFailedException} if it fails or may not be called,
     * and {@link ConflictException} if it conflicted again and again.
     */
    public ConvexValue run(String path, FunctionKind kind, ConvexObject args, Caller caller, Disturbance disturbance) {
        FunctionDefinition function = resolve(path, caller);
        if (function.kind() != kind) {
            throw new FunctionFailedException("Trying to execute %s as %s, but it is defined as %s.".formatted(path,
                    kind.displayName(), function.kind().displayName()));
        }
        requireValid(function, args);
        return kind == FunctionKind.MUTATION ? mutate(function, args, disturbance) : query(function, args, null);
    }

    /** Runs a function of any kind that an app has installed. As {@link #run}. */
    public ConvexValue runAny(String path, ConvexObject args, Caller caller, Disturbance disturbance) {
        FunctionDefinition function = registry.find(path);
        if (function == null || registry.isSystem(function)
                || (caller != Caller.ADMIN && function.visibility() != Visibility.PUBLIC)) {
            throw new FunctionFailedException(
                    "Could not find function for '%s'. Did you forget to run `npx convex dev`?".formatted(path));
        }
        return run(path, function.kind(), args, caller, disturbance);
    }

    /** Runs a query as of a time that was kept. As {@link #run}. */
    public ConvexValue queryAt(DocumentTransaction.Moment moment, String path, ConvexObject args, Caller caller) {
        FunctionDefinition function = resolve(path, caller);
        requireValid(function, args);
        return query(function, args, moment);
    }

    private FunctionDefinition resolve(String path, Caller caller) {
        FunctionDefinition function = registry.find(path);
        if (function == null || (caller != Caller.ADMIN && function.visibility() != Visibility.PUBLIC)) {
            throw new FunctionFailedException("Could not find public function for '%s'.".formatted(path));
        }
        return function;
    }

    private static void requireValid(FunctionDefinition function, ConvexObject args) {
        String problem = function.args().problem(args);
        if (problem != null) {
            throw new FunctionFailedException("ArgumentValidationError: " + problem);
        }
    }

    private ConvexValue query(FunctionDefinition function, ConvexObject args,
            DocumentTransaction.@Nullable Moment moment) {
        TransactionUsage usage = new TransactionUsage(limits);
        try (DocumentTransaction transaction = moment == null ? DocumentTransaction.begin(store, usage, schema)
                : DocumentTransaction.at(store, moment, usage)) {
            return body(function, args, transaction);
        }
    }

    private ConvexValue mutate(FunctionDefinition function, ConvexObject args, Disturbance disturbance) {
        for (int attempt = 0;; attempt++) {
            try (DocumentTransaction transaction = DocumentTransaction.begin(store, new TransactionUsage(limits),
                    schema)) {
                ConvexValue result = body(function, args, transaction);
                if (!disturbance.conflictsBeforeCommit()) {
                    transaction.commit();
                    return result;
                }
                throw ConflictException.forced();
            } catch (ConflictException conflict) {
                if (attempt == CONFLICT_RETRIES || closing.await(delay(attempt))) {
                    throw conflict;
                }
            }
        }
    }

    private static Duration delay(int attempt) {
        long full = Math.min(FIRST_CONFLICT_DELAY.toMillis() << attempt, MAX_CONFLICT_DELAY.toMillis());
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(full / 2, full + 1));
    }

    private ConvexValue body(FunctionDefinition function, ConvexObject args, DocumentTransaction transaction) {
        Database db = new Database(transaction, cursors, function.kind() == FunctionKind.QUERY);
        try {
            return function.body().run(db, args);
        } catch (InvalidOperationException | LimitExceededException | InvalidValueException refused) {
            throw new FunctionFailedException("Uncaught Error: " + refused.getMessage());
        }
    }
}
