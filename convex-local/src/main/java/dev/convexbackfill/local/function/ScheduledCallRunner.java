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
import dev.convexbackfill.local.function.FunctionRunner.Disturbance;
import dev.convexbackfill.local.function.MoreWrites.NotRunException;
import dev.convexbackfill.local.limits.RateLimitedException;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.Store;
import dev.convexbackfill.local.store.StoredDocument;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one scheduled call. A mutation runs in the transaction that ends its row, so that both happen once or not at all,
 * whatever crashes. An action's row says that it runs before it does, so that it is never begun twice. Thread-safe.
 */
final class ScheduledCallRunner {

    private static final Logger LOG = LoggerFactory.getLogger(ScheduledCallRunner.class);
    /** Source: {@code SCHEDULER_OCC_INITIAL_BACKOFF} and {@code SCHEDULER_OCC_MAX_BACKOFF} of the Convex backend. */
    private static final Duration FIRST_DELAY = Duration.ofMillis(100);
    private static final Duration MAX_DELAY = Duration.ofMinutes(1);
    private static final int MAX_DOUBLINGS = 10;
    /** What Convex says of an action that may or may not have run to its end. */
    private static final String ACTION_LOST = "Transient error while executing action";

    private final Store store;
    private final FunctionRunner runner;
    private final StopSignal closing;

    ScheduledCallRunner(Store store, FunctionRunner runner, StopSignal closing) {
        this.store = store;
        this.runner = runner;
        this.closing = closing;
    }

    private interface Attempt {

        void make();
    }

    /** Tries until it succeeds, as long as others are only faster, or the deployment busy. */
    private void untilDone(Attempt attempt) {
        for (int failures = 0;; failures++) {
            try {
                attempt.make();
                return;
            } catch (ConflictException | RateLimitedException busy) {
                long full = Math.min(FIRST_DELAY.toMillis() << Math.min(failures, MAX_DOUBLINGS), MAX_DELAY.toMillis());
                if (closing.await(Duration.ofMillis(ThreadLocalRandom.current().nextLong(full / 2, full + 1)))) {
                    throw busy;
                }
            }
        }
    }

    /** Runs the call of that row unless it is not pending any more. An exception leaves it pending. */
    void run(String id) {
        untilDone(() -> attempt(id));
    }

    private void attempt(String id) {
        ConvexObject row = read(id);
        if (row == null || !ScheduledCall.isPending(row)) {
            return;
        }
        String name = ScheduledCall.name(row);
        FunctionDefinition function = runner.registry().find(name);
        if (function == null) {
            fail(id, "Could not find function for '%s'. Did you forget to run `npx convex dev`?".formatted(name));
            return;
        }
        Execution execution = runner.begin(Caller.ADMIN, Origin.scheduledCall(id));
        switch (function.kind()) {
            case MUTATION -> runMutation(id, function, ScheduledCall.args(row), execution);
            case ACTION -> runAction(id, function, ScheduledCall.args(row), execution);
            case QUERY -> fail(id,
                    "Unsupported function type. %s is defined as a query. Only mutations and actions can be scheduled."
                            .formatted(name));
        }
    }

    private void runMutation(String id, FunctionDefinition function, ConvexObject args, Execution execution) {
        try {
            runner.attempt(function, args, execution, new MoreWrites() {
                @Override
                public boolean before(DocumentTransaction transaction) {
                    if (!ScheduledCall.isPending(valueOf(transaction.get(id)))) {
                        return false;
                    }
                    // only the mutation itself ever sees this
                    transaction.patch(id, ScheduledCall.inProgress(execution));
                    return true;
                }

                @Override
                public void after(DocumentTransaction transaction, ConvexValue value, LogLines lines) {
                    if (ScheduledCall.isRunBy(valueOf(transaction.get(id)), execution)) {
                        transaction.patch(id, ScheduledCall.succeeded(execution.startedAt()));
                    }
                }
            }, Disturbance.NONE);
        } catch (NotRunException _) {
            // somebody took it back meanwhile
        } catch (FunctionFailedException failed) {
            fail(id, String.valueOf(failed.getMessage()));
        }
    }

    private void runAction(String id, FunctionDefinition function, ConvexObject args, Execution execution) {
        if (!change(id, ScheduledCall::isPending, ScheduledCall.inProgress(execution))) {
            return;
        }
        Map<String, ConvexValue> end;
        try {
            runner.act(function, args, execution);
            end = ScheduledCall.succeeded(now());
        } catch (FunctionFailedException failed) {
            end = ScheduledCall.failed(String.valueOf(failed.getMessage()), now());
        } catch (RuntimeException broken) {
            if (closing.isGiven()) {
                // what began is found in progress by the next process, which ends it
                return;
            }
            LOG.error("The scheduled action {} broke", function.path(), broken);
            end = ScheduledCall.failed(ACTION_LOST, now());
        }
        Map<String, ConvexValue> known = end;
        untilDone(() -> change(id, row -> ScheduledCall.isRunBy(row, execution), known));
    }

    /** Ends the row of an action that an earlier process began: it is not begun again. */
    void endLostAction(String id) {
        untilDone(() -> change(id, ScheduledCall::isUnfinished, ScheduledCall.failed(ACTION_LOST, now())));
    }

    private void fail(String id, String error) {
        untilDone(() -> change(id, ScheduledCall::isPending, ScheduledCall.failed(error, now())));
    }

    private interface Condition {

        boolean holds(@Nullable ConvexObject row);
    }

    private boolean change(String id, Condition only, Map<String, ConvexValue> changes) {
        try (DocumentTransaction transaction = begin()) {
            if (!only.holds(valueOf(transaction.get(id)))) {
                return false;
            }
            transaction.patch(id, changes);
            transaction.commit();
            return true;
        }
    }

    private @Nullable ConvexObject read(String id) {
        try (DocumentTransaction transaction = begin()) {
            return valueOf(transaction.get(id));
        }
    }

    private static @Nullable ConvexObject valueOf(@Nullable StoredDocument row) {
        return row == null ? null : row.value();
    }

    private DocumentTransaction begin() {
        return DocumentTransaction.begin(store, new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE);
    }

    private double now() {
        return store.clock().millis();
    }
}
