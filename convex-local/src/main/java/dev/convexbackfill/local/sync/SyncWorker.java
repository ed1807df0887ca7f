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
import dev.convexbackfill.local.sync.ClientMessage.Connect;
import dev.convexbackfill.local.sync.ClientMessage.Event;
import dev.convexbackfill.local.sync.ClientMessage.ModifyQuerySet;
import dev.convexbackfill.local.sync.ClientMessage.Token;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The protocol on one socket. Everything happens one after another on the worker's own thread; mutations, actions and updates
 * of queries run beside it and come back to it.
 */
final class SyncWorker implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(SyncWorker.class);

    /** How many mutations may wait, and how many actions may run; source: {@code OPERATION_QUEUE_BUFFER_SIZE}. */
    private static final int MAX_CALLS = 1000;
    /** How much may wait in mutations, in characters, before nothing more is read from the socket. */
    private static final long MAX_WAITING = 64L << 20;

    /** Tells clients that it is not their fault. */
    private static final int GOING_AWAY = 1001;

    private final Connection connection;
    private final Store store;
    private final Calls calls;
    private final AdminKey adminKey;
    private final Inbox inbox;
    private final Outbox outbox;
    private final LifeSigns lifeSigns;
    private final Transitions transitions;
    private boolean isOver;

    private @Nullable UUID session;
    private Caller caller = Caller.ANONYMOUS;

    private record Waiting(Call call, Caller caller) {}

    private final Deque<Waiting> mutations = new ArrayDeque<>();
    private long waitingSize;
    private boolean isMutating;
    private int actions;

    private boolean owesDemand;

    SyncWorker(Connection connection, boolean takesChunks, SyncContext context) {
        this.connection = connection;
        this.store = context.store();
        this.calls = context.calls();
        this.adminKey = context.adminKey();
        this.inbox = new Inbox(context.executor());
        this.outbox = new Outbox(connection, takesChunks, () -> inbox.add(this::sent));
        this.lifeSigns = new LifeSigns(connection, inbox, outbox, context.heartbeat(), context.nanoTime());
        this.transitions = new Transitions(context, inbox, outbox, lifeSigns);
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
            transitions.close();
        }
    }

    private void end(SyncFailure failure) {
        switch (failure.ending()) {
            case FATAL -> connection.send(ServerMessages.fatalError(String.valueOf(failure.getMessage())), () -> {});
            case UNAUTHENTICATED -> connection.send(
                    ServerMessages.authError(String.valueOf(failure.getMessage()), transitions.identity()), () -> {});
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
        lifeSigns.heard();
        inbox.add(() -> {
            owesDemand = true;
            handle(ClientMessageParser.parse(text));
        });
    }

    /** The client has given a sign of life. */
    void heard() {
        lifeSigns.heard();
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

    // the protocol

    private void handle(ClientMessage message) {
        switch (message) {
            case Connect connect -> connect(connect);
            case Authenticate authenticate -> authenticate(authenticate);
            case ModifyQuerySet modify -> transitions.modify(modify);
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
            transitions.clientClockShows(clientMillis);
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
        transitions.changeIdentity(authenticate.baseVersion());
        caller = identified;
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
        transitions.goOn(caller);
        if (owesDemand && waitingSize <= MAX_WAITING) {
            owesDemand = false;
            connection.demand();
        }
    }

    private void mutate(Waiting next) {
        isMutating = true;
        waitingSize -= next.call().args().length();
        inbox.beside(() -> calls.run(next.call(), next.caller(), session, transitions), answer -> {
            isMutating = false;
            answer(answer);
            transitions.mutated();
        });
    }

    private void act(Call call) {
        if (actions > MAX_CALLS) {
            throw SyncFailure.tryAgain("TooManyInflightActionsForSingleClient");
        }
        actions++;
        Caller by = caller;
        inbox.beside(() -> calls.run(call, by, session, Calls.CommitListener.NONE), answer -> {
            actions--;
            answer(answer);
        });
    }

    /** As in Convex, every answer is followed by a transition: clients wait for it. */
    private void answer(String answer) {
        outbox.add(answer);
        lifeSigns.answered();
        transitions.demand();
    }

    // signs of life

    private void sent() {
        lifeSigns.taken();
        outbox.sent();
    }

    private void checkLife() {
        if (lifeSigns.isGone(owesDemand)) {
            LOG.debug("A client is silent");
            isOver = true;
            connection.disconnect();
            return;
        }
        lifeSigns.give();
    }
}
