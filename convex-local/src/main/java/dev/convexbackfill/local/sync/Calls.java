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
package dev.convexbackfill.local.sync;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.local.faults.FaultInjector;
import dev.convexbackfill.local.faults.FaultInjector.Fate;
import dev.convexbackfill.local.function.Caller;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.function.FunctionRunner;
import dev.convexbackfill.local.function.FunctionRunner.Completed;
import dev.convexbackfill.local.function.FunctionRunner.Disturbance;
import dev.convexbackfill.local.function.SessionRequest;
import dev.convexbackfill.local.limits.RateLimitedException;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.sync.ClientMessage.Call;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Runs the mutations and actions of sockets, and lets go wrong with them what shall. Thread-safe. */
final class Calls {

    private final FunctionRunner runner;
    private final FaultInjector faults;
    private final StopSignal closing;

    Calls(FunctionRunner runner, FaultInjector faults, StopSignal closing) {
        this.runner = runner;
        this.faults = faults;
        this.closing = closing;
    }

    /** Hears when a mutation may be visible to queries before its answer is there. */
    interface CommitListener {

        CommitListener NONE = new CommitListener() {
            @Override
            public void committing() {}

            @Override
            public void conflicted() {}
        };

        void committing();

        void conflicted();
    }

    /** The answer to the client. Throws {@link SyncFailure}. */
    String run(Call call, Caller caller, @Nullable UUID session, CommitListener listener) {
        Components.requireAllowed(call.component(), caller);
        Fate fate = disturb(call.path());
        String answer;
        try {
            answer = call.kind() == FunctionKind.MUTATION ? mutate(call, caller, session, listener) : act(call, caller);
        } catch (ConflictException _) {
            throw SyncFailure.tryAgain("OptimisticConcurrencyControlFailure");
        } catch (RateLimitedException limited) {
            throw SyncFailure.tryAgain(limited.code());
        }
        if (fate == Fate.REPLY_LOST) {
            throw SyncFailure.cut();
        }
        return answer;
    }

    private @Nullable Fate disturb(String path) {
        Duration latency = faults.latency(path);
        if (latency.isPositive()) {
            closing.await(latency);
        }
        Fate fate = faults.fate(path, true);
        return switch (fate) {
            case RATE_LIMITED -> throw SyncFailure.tryAgain("TooManyConcurrentRequests");
            case OVERLOADED -> throw SyncFailure.tryAgain("ExpiredInQueue");
            case RESET_BEFORE_COMMIT -> throw SyncFailure.cut();
            case REPLY_LOST -> fate;
            case null -> null;
        };
    }

    private String mutate(Call call, Caller caller, @Nullable UUID session, CommitListener listener) {
        Disturbance disturbance = new Disturbance() {
            @Override
            public boolean conflictsBeforeCommit() {
                if (faults.conflicts(call.path())) {
                    return true;
                }
                listener.committing();
                return false;
            }

            @Override
            public void conflicted() {
                listener.conflicted();
            }
        };
        try {
            Components.requireApp(call.component());
            ConvexObject args = Update.arguments(call.args());
            Completed completed = session == null
                    ? runner.run(call.path(), FunctionKind.MUTATION, args, caller, disturbance)
                    : runner.mutateOnce(new SessionRequest(session, call.requestId()), call.path(), args, caller,
                            disturbance);
            return ServerMessages.mutationReturned(call.requestId(), completed);
        } catch (FunctionFailedException failed) {
            return ServerMessages.mutationFailed(call.requestId(), failed);
        }
    }

    private String act(Call call, Caller caller) {
        try {
            Components.requireApp(call.component());
            return ServerMessages.actionReturned(call.requestId(), runner.run(call.path(), FunctionKind.ACTION,
                    Update.arguments(call.args()), caller, Disturbance.NONE));
        } catch (FunctionFailedException failed) {
            return ServerMessages.actionFailed(call.requestId(), failed);
        }
    }
}
