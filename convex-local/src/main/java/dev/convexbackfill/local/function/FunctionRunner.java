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
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.DocumentTransaction.WatchPoint;
import dev.convexbackfill.local.store.Store;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
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

    /** Replaces the installed functions. Queries that are watched are run again. */
    public void install(Collection<FunctionDefinition> functions) {
        registry.install(functions);
        store.invalidateSubscriptions();
    }

    /**
     * What became of a call that did not fail.
     *
     * @param timestamp of what a mutation committed, or a query read: nanoseconds since 1970
     */
    public record Completed(ConvexValue value, List<String> logLines, long timestamp) {

        public Completed {
            logLines = List.copyOf(logLines);
        }
    }

    /** How a mutation is disturbed on its way. */
    public interface Disturbance {

        /** Leaves it alone. */
        Disturbance NONE = () -> false;

        /** Returns whether to treat this attempt as conflicting. Called right before each commit. */
        boolean conflictsBeforeCommit();

        /** Called when an attempt has conflicted, before the next. */
        default void conflicted() {}
    }

    /**
     * Runs the function at {@code path}. Throws {@link FunctionFailedException} if it fails or may not be called, and
     * {@link ConflictException} if a mutation conflicted again and again.
     */
    public Completed run(String path, FunctionKind kind, ConvexObject args, Caller caller, Disturbance disturbance) {
        FunctionDefinition function = resolve(path, kind, caller);
        return switch (kind) {
            case QUERY -> query(function, args, caller, null);
            case MUTATION -> mutate(function, args, caller, disturbance, null);
            case ACTION -> act(function, args, caller);
        };
    }

    /**
     * Runs a mutation once, however often it is sent: if it was committed before, returns what it returned then, with the time
     * of that commit. As {@link #run}.
     */
    public Completed mutateOnce(SessionRequest request, String path, ConvexObject args, Caller caller,
            Disturbance disturbance) {
        return mutate(resolve(path, FunctionKind.MUTATION, caller), args, caller, disturbance, request);
    }

    /**
     * Runs a function of any kind that an app has installed; who acts as a user gets to public ones only. {@code component}
     * is empty for the app itself. As {@link #run}.
     */
    public Completed runAny(String component, String path, ConvexObject args, Caller caller, Disturbance disturbance) {
        FunctionDefinition function = registry.find(path);
        boolean isCallable = function != null && component.isEmpty() && switch (function.visibility()) {
            case PUBLIC -> true;
            case INTERNAL -> caller.isAdmin() && caller.user() == null;
            case SYSTEM -> false;
        };
        if (function == null || !isCallable) {
            throw new FunctionFailedException(
                    "Could not find function for '%s'%s. Did you forget to run `npx convex dev`?".formatted(
                            FunctionRegistry.shortest(path),
                            component.isEmpty() ? "" : " in '%s'".formatted(component)));
        }
        return run(path, function.kind(), args, caller, disturbance);
    }

    /** Runs a query as of a time that was kept. As {@link #run}. */
    public Completed queryAt(DocumentTransaction.Moment moment, String path, ConvexObject args, Caller caller) {
        return query(resolve(path, FunctionKind.QUERY, caller), args, caller, moment);
    }

    /**
     * Runs a query as of {@code point} for somebody who wants to know when its result changes: {@code listener} is called
     * once, when it may have. {@code journal} is what it returned the last time. Never throws {@link FunctionFailedException}.
     */
    public Observed observe(WatchPoint point, String path, Supplier<ConvexObject> args, Caller caller,
            @Nullable String journal, Runnable listener) {
        TransactionUsage usage = new TransactionUsage(limits);
        Execution execution = Execution.begin(caller, (double) store.clock().millis(), new Journal(journal));
        try (DocumentTransaction transaction = DocumentTransaction.at(store, point.moment(), usage)) {
            try {
                FunctionDefinition function = resolve(path, FunctionKind.QUERY, caller);
                ConvexValue value = new TransactionContext(registry, transaction, usage, cursors, function, execution)
                        .run(args.get());
                return new Observed.Returned(
                        new Completed(value, execution.log().lines(), transaction.began()),
                        point.subscribe(transaction, listener), execution.journal().next());
            } catch (FunctionFailedException failed) {
                return new Observed.Failed(failed.after(execution.log()), point.subscribe(transaction, listener),
                        execution.journal().next());
            }
        }
    }

    private FunctionDefinition resolve(String path, FunctionKind kind, Caller caller) {
        FunctionDefinition function = registry.find(path);
        if (FunctionRegistry.isSystem(path) && (!caller.isAdmin() || caller.user() != null)) {
            throw new FunctionFailedException(
                    "Operation %s not permitted".formatted(kind.displayName().toLowerCase(Locale.ROOT)));
        }
        if (function == null || !caller.mayCall(function)) {
            throw new FunctionFailedException(
                    "Could not find public function for '%s'.".formatted(FunctionRegistry.shortest(path)));
        }
        if (function.kind() != kind) {
            throw new FunctionFailedException("Trying to execute %s as %s, but it is defined as %s.".formatted(path,
                    kind.displayName(), function.kind().displayName()));
        }
        return function;
    }

    private Execution begin(Caller caller) {
        return Execution.begin(caller, (double) store.clock().millis());
    }

    private Completed query(FunctionDefinition function, ConvexObject args, Caller caller,
            DocumentTransaction.@Nullable Moment moment) {
        TransactionUsage usage = new TransactionUsage(limits);
        Execution execution = begin(caller);
        try (DocumentTransaction transaction = moment == null ? DocumentTransaction.begin(store, usage, schema)
                : DocumentTransaction.at(store, moment, usage)) {
            ConvexValue value = new TransactionContext(registry, transaction, usage, cursors, function, execution)
                    .run(args);
            return new Completed(value, execution.log().lines(), transaction.began());
        } catch (FunctionFailedException failed) {
            throw failed.after(execution.log());
        }
    }

    private Completed mutate(FunctionDefinition function, ConvexObject args, Caller caller, Disturbance disturbance,
            @Nullable SessionRequest request) {
        for (int attempt = 0;; attempt++) {
            TransactionUsage usage = new TransactionUsage(limits);
            Execution execution = begin(caller);
            try (DocumentTransaction transaction = DocumentTransaction.begin(store, usage, schema)) {
                Completed earlier = request == null ? null : SessionRequests.find(transaction, request);
                if (earlier != null) {
                    return earlier;
                }
                ConvexValue value = new TransactionContext(registry, transaction, usage, cursors, function, execution)
                        .run(args);
                if (request != null) {
                    SessionRequests.record(transaction, request, caller, value, execution.log().lines());
                }
                if (!disturbance.conflictsBeforeCommit()) {
                    return new Completed(value, execution.log().lines(), transaction.commit());
                }
                throw ConflictException.forced();
            } catch (FunctionFailedException failed) {
                throw failed.after(execution.log());
            } catch (ConflictException conflict) {
                disturbance.conflicted();
                if (attempt == CONFLICT_RETRIES || closing.await(delay(attempt))) {
                    throw conflict;
                }
            }
        }
    }

    private Completed act(FunctionDefinition function, ConvexObject args, Caller caller) {
        Execution execution = begin(caller);
        try {
            ConvexValue value = new ActionContext(this, registry, function, execution).run(args);
            return new Completed(value, execution.log().lines(), store.timestamp());
        } catch (FunctionFailedException failed) {
            throw failed.after(execution.log());
        }
    }

    /** What an action calls, each in a transaction of its own. */
    ConvexValue callFromAction(FunctionDefinition function, ConvexObject args, Execution execution) {
        Caller caller = new Caller(true, execution.caller().user());
        Completed completed = switch (function.kind()) {
            case QUERY -> query(function, args, caller, null);
            case MUTATION -> mutate(function, args, caller, Disturbance.NONE, null);
            case ACTION -> act(function, args, caller);
        };
        completed.logLines().forEach(execution.log()::addLine);
        return completed.value();
    }

    /** Reads or writes on behalf of an action, in a transaction of its own. */
    <T> T inTransaction(FunctionDefinition function, Execution execution, Function<TransactionContext, T> work) {
        for (int attempt = 0;; attempt++) {
            TransactionUsage usage = new TransactionUsage(limits);
            try (DocumentTransaction transaction = DocumentTransaction.begin(store, usage, schema)) {
                T result = work.apply(
                        new TransactionContext(registry, transaction, usage, cursors, function, execution));
                transaction.commit();
                return result;
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
}
