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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.local.auth.AdminKey;
import dev.convexbackfill.local.function.Caller;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.store.Store;
import dev.convexbackfill.local.sync.ClientMessage.Authenticate;
import dev.convexbackfill.local.sync.ClientMessage.Call;
import dev.convexbackfill.local.sync.ClientMessage.Change;
import dev.convexbackfill.local.sync.ClientMessage.Connect;
import dev.convexbackfill.local.sync.ClientMessage.Event;
import dev.convexbackfill.local.sync.ClientMessage.ModifyQuerySet;
import dev.convexbackfill.local.sync.ClientMessage.Token;
import dev.convexbackfill.local.sync.QuerySet.Watched;
import dev.convexbackfill.local.sync.Update.Updated;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The protocol on one socket. Everything happens one after another on the worker's own thread; mutations, actions and updates
 * of queries run beside it and come back to it. A transition that may show what a mutation of this socket has committed waits
 * for that mutation's answer, so that the client drops its optimistic update in the step that shows the real one.
 */
final class SyncWorker implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(SyncWorker.class);

    /** How many mutations may wait, and how many actions may run; source: {@code OPERATION_QUEUE_BUFFER_SIZE}. */
    private static final int MAX_CALLS = 1000;
    /** Convex has no limit but memory. */
    private static final int MAX_QUERIES = 10_000;
    /** How much may wait in mutations, in characters, before nothing more is read from the socket. */
    private static final long MAX_WAITING = 64L << 20;

    /** Tells clients that it is not their fault. */
    private static final int GOING_AWAY = 1001;

    private final Connection connection;
    private final Store store;
    private final Calls calls;
    private final Executor executor;
    private final AdminKey adminKey;
    private final Heartbeat heartbeat;
    private final LongSupplier nanoTime;
    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final AtomicBoolean invalidationIsPosted = new AtomicBoolean();
    private final SubscriptionScope scope = new SubscriptionScope();
    private final QuerySet queries = new QuerySet(scope);
    private final Outbox outbox;
    private final Update update;
    private volatile long lastHeard;
    private volatile boolean isCommitting;
    private boolean isOver;

    private @Nullable UUID session;
    private @Nullable Long clientClockSkew;
    private Caller caller = Caller.ANONYMOUS;
    /** What the client has said, and what the last transition told it. */
    private long receivedQuerySet;
    private long receivedIdentity;
    private StateVersion version = StateVersion.INITIAL;

    private final List<Change> pendingChanges = new ArrayList<>();
    private boolean isUpdateDue;
    private boolean isUpdating;
    private @Nullable Runnable heldBack;

    private record Waiting(Call call, Caller caller) {}

    private final Deque<Waiting> mutations = new ArrayDeque<>();
    private long waitingSize;
    private boolean isMutating;
    private int actions;

    private boolean owesDemand;
    private boolean isPinging;
    private long lastAnswered;
    private long lastSent;

    SyncWorker(Connection connection, boolean takesChunks, SyncContext context) {
        this.connection = connection;
        this.store = context.store();
        this.calls = context.calls();
        this.executor = context.executor();
        this.adminKey = context.adminKey();
        this.heartbeat = context.heartbeat();
        this.nanoTime = context.nanoTime();
        this.outbox = new Outbox(connection, takesChunks, () -> inbox.add(this::sent));
        this.update = new Update(store, context.runner(), executor, scope, this::invalidated);
        this.lastHeard = nanoTime.getAsLong();
        this.lastAnswered = lastHeard;
        this.lastSent = lastHeard;
    }

    /** Works until the socket is closed. */
    @Override
    public void run() {
        try {
            connection.demand();
            while (!isOver) {
                inbox.take().run();
                goOn();
            }
        } catch (SyncFailure failure) {
            end(failure);
        } catch (InterruptedException _) {
            connection.disconnect();
        } catch (RejectedExecutionException _) {
            connection.close(GOING_AWAY, "");
        } catch (RuntimeException broken) {
            end(SyncFailure.internal("A socket failed", broken));
        } finally {
            scope.close();
        }
    }

    private void end(SyncFailure failure) {
        switch (failure.ending()) {
            case FATAL -> connection.send(ServerMessages.fatalError(String.valueOf(failure.getMessage())), () -> {});
            case UNAUTHENTICATED -> connection.send(
                    ServerMessages.authError(String.valueOf(failure.getMessage()), version.identity()), () -> {});
            case INTERNAL -> LOG.warn("A socket is closed", failure);
            case TRY_AGAIN -> LOG.debug("A socket is closed: {}", failure.shortCode());
            case CUT -> {
                connection.disconnect();
                return;
            }
        }
        connection.close(failure.ending().code(), failure.shortCode());
    }

    // called from other threads

    /** A message has come. */
    void receive(String text) {
        lastHeard = nanoTime.getAsLong();
        inbox.add(() -> {
            owesDemand = true;
            handle(ClientMessageParser.parse(text));
        });
    }

    /** The client has given a sign of life. */
    void heard() {
        lastHeard = nanoTime.getAsLong();
    }

    /** The socket is closed. */
    void closed() {
        inbox.add(() -> isOver = true);
    }

    /** Closes the socket because the deployment goes. */
    void close() {
        inbox.add(() -> {
            isOver = true;
            connection.close(GOING_AWAY, "");
        });
    }

    /** It is time to see whether the client is still there. */
    void beat() {
        inbox.add(this::checkLife);
    }

    private void invalidated() {
        // many commits in a row are one piece of news
        if (invalidationIsPosted.compareAndSet(false, true)) {
            inbox.add(() -> {
                invalidationIsPosted.set(false);
                isUpdateDue = true;
            });
        }
    }

    // the protocol

    private void handle(ClientMessage message) {
        switch (message) {
            case Connect connect -> connect(connect);
            case Authenticate authenticate -> authenticate(authenticate);
            case ModifyQuerySet modify -> modify(modify);
            case Call call when call.kind() == FunctionKind.MUTATION -> {
                if (mutations.size() >= MAX_CALLS) {
                    throw SyncFailure.tryAgain("TooManyConcurrentMutations");
                }
                mutations.addLast(new Waiting(call, caller));
                waitingSize += call.args().length();
            }
            case Call call -> act(call);
            case Event _ -> {
                // measured for Convex's own operators
            }
        }
    }

    private void connect(Connect connect) {
        session = connect.session();
        Long clientMillis = connect.clientMillis();
        if (clientMillis != null) {
            clientClockSkew = clientMillis - Clock.systemUTC().millis();
        }
        Long observed = connect.maxObserved();
        if (observed != null && Long.compareUnsigned(observed, store.timestamp()) > 0) {
            throw SyncFailure.internal(("The client has observed the timestamp %s, ahead of the latest, %d; was the"
                    + " deployment replaced by an older one?")
                    .formatted(Long.toUnsignedString(observed), store.timestamp()),
                    null);
        }
    }

    private void authenticate(Authenticate authenticate) {
        Caller identified = switch (authenticate.token()) {
            case Token.Admin(String key, @Nullable ConvexObject user) -> {
                if (!adminKey.matches(key)) {
                    throw SyncFailure.unauthenticated("The provided admin key was invalid for this instance");
                }
                yield new Caller(true, user);
            }
            case Token.User _ -> throw SyncFailure.unauthenticated(
                    "No auth provider found matching the given token (no providers configured).");
            case Token.None _ -> Caller.ANONYMOUS;
        };
        if (receivedIdentity != authenticate.baseVersion()) {
            throw SyncFailure.internal("Base version %d of the identity doesn't match the current version %d"
                    .formatted(authenticate.baseVersion(), receivedIdentity), null);
        }
        caller = identified;
        receivedIdentity++;
        isUpdateDue = true;
    }

    private void modify(ModifyQuerySet modify) {
        if (modify.baseVersion() != receivedQuerySet) {
            throw SyncFailure.fatal("Base version %d passed up doesn't match the current version %d"
                    .formatted(modify.baseVersion(), receivedQuerySet));
        }
        if (modify.newVersion() <= modify.baseVersion()) {
            throw SyncFailure.internal("The new version %d is not above %d".formatted(modify.newVersion(),
                    modify.baseVersion()), null);
        }
        pendingChanges.addAll(modify.changes());
        if (queries.size() + pendingChanges.size() > 2 * MAX_QUERIES) {
            throw SyncFailure.fatal("A socket can't watch more than %d queries".formatted(MAX_QUERIES));
        }
        receivedQuerySet = modify.newVersion();
        isUpdateDue = true;
    }

    /** Begins what can begin now. */
    private void goOn() {
        if (isOver) {
            return;
        }
        if (outbox.isOverfull()) {
            throw SyncFailure.internal("The client takes its messages too slowly", null);
        }
        if (outbox.isFull()) {
            return;
        }
        if (!isMutating && !mutations.isEmpty()) {
            mutate(mutations.removeFirst());
        }
        if (isUpdateDue && !isUpdating) {
            beginUpdate();
        }
        if (owesDemand && waitingSize <= MAX_WAITING) {
            owesDemand = false;
            connection.demand();
        }
    }

    private void mutate(Waiting next) {
        isMutating = true;
        waitingSize -= next.call().args().length();
        start(() -> calls.run(next.call(), next.caller(), session, new Calls.CommitListener() {
            @Override
            public void committing() {
                isCommitting = true;
            }

            @Override
            public void conflicted() {
                isCommitting = false;
                inbox.add(SyncWorker.this::release);
            }
        }), answer -> {
            isMutating = false;
            isCommitting = false;
            answer(answer);
            release();
        });
    }

    private void act(Call call) {
        if (actions > MAX_CALLS) {
            throw SyncFailure.tryAgain("TooManyInflightActionsForSingleClient");
        }
        actions++;
        Caller by = caller;
        start(() -> calls.run(call, by, session, Calls.CommitListener.NONE), answer -> {
            actions--;
            answer(answer);
        });
    }

    /** As in Convex, every answer is followed by a transition: clients wait for it. */
    private void answer(String answer) {
        outbox.add(answer);
        lastAnswered = nanoTime.getAsLong();
        isUpdateDue = true;
    }

    private interface Work<T> {

        T run();
    }

    private interface Completion<T> {

        void take(T result);
    }

    /** Runs {@code work} beside this thread, and {@code then} on it. */
    private <T> void start(Work<T> work, Completion<T> then) {
        executor.execute(() -> {
            Runnable outcome;
            try {
                T result = work.run();
                outcome = () -> then.take(result);
            } catch (RuntimeException failure) {
                outcome = () -> {
                    throw failure;
                };
            }
            inbox.add(outcome);
        });
    }

    private void beginUpdate() {
        isUpdateDue = false;
        isUpdating = true;
        if (receivedIdentity > version.identity()) {
            queries.forgetSubscriptions();
        }
        Map<Long, String> modifications = new TreeMap<>();
        for (Change change : pendingChanges) {
            switch (change) {
                case Change.Add(Query query) -> queries.add(query);
                case Change.Remove(long id) -> {
                    queries.remove(id);
                    modifications.put(id, ServerMessages.queryRemoved(id));
                }
            }
        }
        pendingChanges.clear();
        if (queries.size() > MAX_QUERIES) {
            throw SyncFailure.fatal("A socket can't watch more than %d queries".formatted(MAX_QUERIES));
        }
        long querySet = receivedQuerySet;
        long identity = receivedIdentity;
        List<Watched> all = queries.all();
        Caller by = caller;
        start(() -> update.run(all, by), updated -> {
            Runnable finish = () -> finishUpdate(updated, new StateVersion(querySet, identity, updated.timestamp()),
                    modifications);
            if (isCommitting) {
                heldBack = finish;
            } else {
                finish.run();
            }
        });
    }

    private void finishUpdate(Updated updated, StateVersion next, Map<Long, String> modifications) {
        isUpdating = false;
        for (Result result : updated.results()) {
            if (queries.complete(result)) {
                modifications.put(result.query().id(), result.modification());
            }
        }
        outbox.addTransition(ServerMessages.transition(version, next, modifications.values(), clientClockSkew));
        lastAnswered = nanoTime.getAsLong();
        version = next;
    }

    /** Sends a transition that has waited for the answer of a mutation. */
    private void release() {
        Runnable transition = heldBack;
        if (transition != null && !isCommitting) {
            heldBack = null;
            transition.run();
        }
    }

    // signs of life

    private void sent() {
        lastSent = nanoTime.getAsLong();
        outbox.sent();
    }

    private void checkLife() {
        long now = nanoTime.getAsLong();
        // a client that must not send can't be heard, but it can be seen to take what it is sent
        boolean isGone = owesDemand ? !outbox.isEmpty() && isLongerAgo(lastSent, heartbeat.silence(), now)
                : isLongerAgo(lastHeard, heartbeat.silence(), now);
        if (isGone) {
            LOG.debug("A client is silent");
            isOver = true;
            connection.disconnect();
            return;
        }
        if (!isPinging) {
            isPinging = true;
            connection.ping(() -> inbox.add(() -> isPinging = false));
        }
        if (isLongerAgo(lastAnswered, heartbeat.idle(), now) && outbox.isEmpty()) {
            outbox.add(ServerMessages.PING);
            lastAnswered = now;
        }
    }

    private static boolean isLongerAgo(long then, Duration time, long now) {
        return now - then >= time.toNanos();
    }
}
