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
import dev.convexbackfill.local.function.Execution.Origin;
import dev.convexbackfill.local.limits.ConcurrencyLimit;
import dev.convexbackfill.local.limits.DeploymentLimits;
import dev.convexbackfill.local.limits.RateLimitedException;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.TableNames;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.DocumentTransaction.WatchPoint;
import dev.convexbackfill.local.store.Store;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs functions, each in a transaction of its own; a mutation that conflicts is run again, as in Convex. Thread-safe.
 */
public final class FunctionRunner {

    private final Store store;
    private final TransactionLimits limits;
    private final DeploymentLimits deploymentLimits;
    private final FunctionRegistry registry = new FunctionRegistry();
    private final Cursors cursors;
    private final EnvironmentVariables variables = new EnvironmentVariables();
    private final ConflictRetries retries;
    private final FunctionLog log;
    private final ConcurrencyLimit queries;
    private final ConcurrencyLimit mutations;
    private final ConcurrencyLimit actions;
    private final AtomicReference<Runnable> onScheduled = new AtomicReference<>(() -> {});

    /** Makes cursors with {@code secret}; {@code closing} ends waits between attempts. */
    public FunctionRunner(Store store, TransactionLimits limits, byte[] secret, StopSignal closing) {
        this(store, limits, DeploymentLimits.OFF, secret, closing);
    }

    /** As the other constructor, with limits of what the deployment does at once. */
    public FunctionRunner(Store store, TransactionLimits limits, DeploymentLimits deploymentLimits, byte[] secret,
            StopSignal closing) {
        this.store = store;
        this.limits = limits;
        this.deploymentLimits = deploymentLimits;
        this.cursors = new Cursors(secret);
        this.retries = new ConflictRetries(closing);
        this.log = new FunctionLog(store.clock(), closing);
        Duration queueing = deploymentLimits.queueing();
        this.queries = new ConcurrencyLimit("query", deploymentLimits.queries(), queueing);
        this.mutations = new ConcurrencyLimit("mutation", deploymentLimits.mutations(), queueing);
        this.actions = new ConcurrencyLimit("action", deploymentLimits.actions(), queueing);
    }

    /** Replaces the installed functions. Queries that are watched are run again. */
    public void install(Collection<FunctionDefinition> functions) {
        registry.install(functions);
        store.invalidateSubscriptions();
    }

    /** Sets the environment variables that the deployment has by itself, as {@code CONVEX_CLOUD_URL}. */
    public void setBuiltInVariables(Map<String, String> builtIn) {
        variables.setBuiltIn(builtIn);
    }

    /** What to do after a transaction that scheduled a function was committed. */
    void onScheduled(Runnable action) {
        onScheduled.set(action);
    }

    /** The latest executions. */
    public FunctionLog log() {
        return log;
    }

    FunctionRegistry registry() {
        return registry;
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
     * Runs the function at {@code path}. Throws {@link FunctionFailedException} if it fails or may not be called,
     * {@link ConflictException} if a mutation conflicted again and again, and {@link RateLimitedException} if the deployment
     * has too much to do.
     */
    public Completed run(String path, FunctionKind kind, ConvexObject args, Caller caller, Disturbance disturbance) {
        return shown(() -> {
            FunctionDefinition function = registry.require(path, kind, caller);
            Origin origin = Origin.request("HttpApi");
            return switch (kind) {
                case QUERY -> query(function, args, caller, origin, null);
                case MUTATION -> mutate(function, args, caller, origin, disturbance, null);
                case ACTION -> act(function, args, begin(caller, origin));
            };
        });
    }

    /** What callers get to see of a call. */
    private Completed shown(Supplier<Completed> call) {
        if (!deploymentLimits.redacts()) {
            return call.get();
        }
        try {
            Completed completed = call.get();
            return new Completed(completed.value(), List.of(), completed.timestamp());
        } catch (FunctionFailedException failed) {
            throw failed.redact();
        }
    }

    /**
     * Runs a mutation once, however often it is sent: if it was committed before, returns what it returned then, with the time
     * of that commit. As {@link #run}.
     */
    public Completed mutateOnce(SessionRequest request, String path, ConvexObject args, Caller caller,
            Disturbance disturbance) {
        return shown(() -> mutate(registry.require(path, FunctionKind.MUTATION, caller), args, caller,
                Origin.request("SyncWorker"), disturbance, request));
    }

    /**
     * Runs a function of any kind that an app has installed; who acts as a user gets to public ones only. {@code component}
     * is empty for the app itself. As {@link #run}.
     */
    public Completed runAny(String component, String path, ConvexObject args, Caller caller, Disturbance disturbance) {
        FunctionDefinition function = registry.requireOfApp(component, path, caller);
        return run(path, function.kind(), args, caller, disturbance);
    }

    /** Runs a query as of a time that was kept. As {@link #run}. */
    public Completed queryAt(DocumentTransaction.Moment moment, String path, ConvexObject args, Caller caller) {
        return shown(() -> query(registry.require(path, FunctionKind.QUERY, caller), args, caller,
                Origin.request("HttpApi"), moment));
    }

    /** The tables at the time of the question, for validators where no transaction is. */
    TableNames tableNames() {
        return number -> {
            try (DocumentTransaction transaction = DocumentTransaction.begin(store, new TransactionUsage(limits))) {
                return transaction.tableNames().nameOf(number);
            }
        };
    }

    /** The environment variables that people have set. */
    public Map<String, String> environment() {
        try (DocumentTransaction transaction = DocumentTransaction.begin(store, new TransactionUsage(limits),
                DocumentSchema.NONE)) {
            return EnvironmentVariables.own(transaction);
        }
    }

    /**
     * Sets environment variables, and removes those whose value is null, all or none. Throws {@link RefusedVariableException},
     * and {@link ConflictException} if others do the same again and again.
     */
    public void updateEnvironment(Map<String, @Nullable String> changes) {
        retries.run(() -> {
            try (DocumentTransaction transaction = DocumentTransaction.begin(store, new TransactionUsage(limits),
                    DocumentSchema.NONE)) {
                variables.update(transaction, changes);
                return transaction.commit();
            }
        });
    }

    /**
     * Runs a query as of {@code point} for somebody who wants to know when its result changes: {@code listener} is called
     * once, when it may have. {@code journal} is what it returned the last time. Never throws {@link FunctionFailedException}.
     */
    public Observed observe(WatchPoint point, String path, Supplier<ConvexObject> args, Caller caller,
            @Nullable String journal, Runnable listener) {
        TransactionUsage usage = new TransactionUsage(limits);
        Execution execution = Execution.begin(caller, Origin.request("SyncWorker"), (double) store.clock().millis(),
                new Journal(journal));
        FunctionDefinition function = null;
        try (DocumentTransaction transaction = DocumentTransaction.at(store, point.moment(), usage)) {
            try {
                function = registry.require(path, FunctionKind.QUERY, caller);
                ConvexValue value = context(transaction, usage, function, execution).run(args.get());
                log.add(function, execution, usage, value, null);
                return new Observed.Returned(
                        shown(() -> new Completed(value, execution.log().lines(), transaction.began())),
                        point.subscribe(transaction, listener), execution.journal().next());
            } catch (FunctionFailedException failed) {
                if (function != null) {
                    log.add(function, execution, usage, null, String.valueOf(failed.getMessage()));
                }
                failed.after(execution.log());
                return new Observed.Failed(deploymentLimits.redacts() ? failed.redact() : failed,
                        point.subscribe(transaction, listener),
                        execution.journal().next());
            }
        }
    }

    Execution begin(Caller caller, Origin origin) {
        return Execution.begin(caller, origin, (double) store.clock().millis());
    }

    private TransactionContext context(DocumentTransaction transaction, TransactionUsage usage,
            FunctionDefinition function, Execution execution) {
        return new TransactionContext(registry, transaction, usage, cursors, variables, function, execution);
    }

    private Completed query(FunctionDefinition function, ConvexObject args, Caller caller, Origin origin,
            DocumentTransaction.@Nullable Moment moment) {
        TransactionUsage usage = new TransactionUsage(limits);
        Execution execution = begin(caller, origin);
        try (ConcurrencyLimit.Permit _ = queries.acquire();
                DocumentTransaction transaction = moment == null ? DocumentTransaction.begin(store, usage)
                        : DocumentTransaction.at(store, moment, usage)) {
            ConvexValue value = context(transaction, usage, function, execution).run(args);
            log.add(function, execution, usage, value, null);
            return new Completed(value, execution.log().lines(), transaction.began());
        } catch (FunctionFailedException failed) {
            throw failed(failed, function, execution, usage);
        }
    }

    private FunctionFailedException failed(FunctionFailedException failed, FunctionDefinition function,
            Execution execution, @Nullable TransactionUsage usage) {
        log.add(function, execution, usage, null, String.valueOf(failed.getMessage()));
        return failed.after(execution.log());
    }

    private Completed mutate(FunctionDefinition function, ConvexObject args, Caller caller, Origin origin,
            Disturbance disturbance, @Nullable SessionRequest request) {
        return retries.run(() -> attempt(function, args, begin(caller, origin),
                request == null ? MoreWrites.NONE : SessionRequests.writes(request, caller), disturbance));
    }

    /** Runs a mutation once. Throws {@link MoreWrites.NotRunException} if {@code more} says that it must not run. */
    Completed attempt(FunctionDefinition function, ConvexObject args, Execution execution, MoreWrites more,
            Disturbance disturbance) {
        TransactionUsage usage = new TransactionUsage(limits);
        requireThroughput();
        try (ConcurrencyLimit.Permit _ = mutations.acquire();
                DocumentTransaction transaction = DocumentTransaction.begin(store, usage)) {
            Completed earlier = more.earlier(transaction);
            if (earlier != null) {
                return earlier;
            }
            if (!more.before(transaction)) {
                throw new MoreWrites.NotRunException();
            }
            ConvexValue value = context(transaction, usage, function, execution).run(args);
            more.after(transaction, value, execution.log());
            if (disturbance.conflictsBeforeCommit()) {
                throw ConflictException.forced();
            }
            long timestamp = transaction.commit();
            log.add(function, execution, usage, value, null);
            if (usage.functionsScheduled().used() > 0) {
                onScheduled.get().run();
            }
            return new Completed(value, execution.log().lines(), timestamp);
        } catch (FunctionFailedException failed) {
            throw failed(failed, function, execution, usage);
        } catch (ConflictException conflict) {
            disturbance.conflicted();
            throw conflict;
        }
    }

    /** As Convex, looks at what was written, not at what is going to be. */
    private void requireThroughput() {
        if (deploymentLimits.bytesPerSecond() != Long.MAX_VALUE
                && store.bytesWrittenInTheLastSecond() > deploymentLimits.bytesPerSecond()) {
            throw RateLimitedException.tooManyWrites(deploymentLimits.bytesPerSecond());
        }
    }

    /** Runs an action. */
    Completed act(FunctionDefinition function, ConvexObject args, Execution execution) {
        try (ConcurrencyLimit.Permit _ = actions.acquire()) {
            ConvexValue value = new ActionContext(this, registry, function, execution).run(args);
            log.add(function, execution, null, value, null);
            return new Completed(value, execution.log().lines(), store.timestamp());
        } catch (FunctionFailedException failed) {
            throw failed(failed, function, execution, null);
        }
    }

    /** What an action calls, each in a transaction of its own. */
    ConvexValue callFromAction(FunctionDefinition function, ConvexObject args, Execution execution) {
        Caller caller = new Caller(true, execution.caller().user());
        Origin origin = Origin.action(execution);
        Completed completed = switch (function.kind()) {
            case QUERY -> query(function, args, caller, origin, null);
            case MUTATION -> mutate(function, args, caller, origin, Disturbance.NONE, null);
            case ACTION -> act(function, args, begin(caller, origin));
        };
        completed.logLines().forEach(execution.log()::addLine);
        return completed.value();
    }

    /** Reads or writes on behalf of an action, in a transaction of its own. */
    <T> T inTransaction(FunctionDefinition function, Execution execution, Function<TransactionContext, T> work) {
        return retries.run(() -> {
            TransactionUsage usage = new TransactionUsage(limits);
            try (DocumentTransaction transaction = DocumentTransaction.begin(store, usage)) {
                T result = work.apply(context(transaction, usage, function, execution));
                transaction.commit();
                if (usage.functionsScheduled().used() > 0) {
                    onScheduled.get().run();
                }
                return result;
            }
        });
    }
}
