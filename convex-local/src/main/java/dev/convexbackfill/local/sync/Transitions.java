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

import dev.convexbackfill.local.function.Caller;
import dev.convexbackfill.local.sync.ClientMessage.Change;
import dev.convexbackfill.local.sync.ClientMessage.ModifyQuerySet;
import dev.convexbackfill.local.sync.QuerySet.Watched;
import dev.convexbackfill.local.sync.Update.Updated;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Leads a client from one state of its queries to the next, one transition at a time. A transition that may show what a
 * mutation of this socket has committed waits for that mutation's answer, so that the client drops its optimistic update in
 * the step that shows the real one. Belongs to the worker's thread; only mutations are heard from others.
 */
final class Transitions implements Calls.CommitListener, AutoCloseable {

    /** Convex has no limit but memory. */
    private static final int MAX_QUERIES = 10_000;

    private final Inbox inbox;
    private final Outbox outbox;
    private final LifeSigns lifeSigns;
    private final SubscriptionScope scope = new SubscriptionScope();
    private final QuerySet queries = new QuerySet(scope);
    private final Update update;
    private final AtomicBoolean invalidationIsPosted = new AtomicBoolean();
    private volatile boolean isCommitting;

    private @Nullable Long clientClockSkew;
    /** What the client has said, and what the last transition told it. */
    private long receivedQuerySet;
    private long receivedIdentity;
    private StateVersion version = StateVersion.INITIAL;

    private final List<Change> pendingChanges = new ArrayList<>();
    private boolean isDue;
    private boolean isUpdating;
    private @Nullable Runnable heldBack;

    Transitions(SyncContext context, Inbox inbox, Outbox outbox, LifeSigns lifeSigns) {
        this.inbox = inbox;
        this.outbox = outbox;
        this.lifeSigns = lifeSigns;
        this.update = new Update(context.store(), context.runner(), context.executor(), scope, this::invalidated);
    }

    private void invalidated() {
        // many commits in a row are one piece of news
        if (invalidationIsPosted.compareAndSet(false, true)) {
            inbox.add(() -> {
                invalidationIsPosted.set(false);
                isDue = true;
            });
        }
    }

    /** The version of the identity that the client has been told. */
    long identity() {
        return version.identity();
    }

    /** {@code millis} are since 1970, at this moment. */
    void clientClockShows(long millis) {
        clientClockSkew = millis - Clock.systemUTC().millis();
    }

    /** The client is somebody else from now on. */
    void changeIdentity(long baseVersion) {
        if (receivedIdentity != baseVersion) {
            throw SyncFailure.internal("Base version %d of the identity doesn't match the current version %d"
                    .formatted(baseVersion, receivedIdentity), null);
        }
        receivedIdentity++;
        isDue = true;
    }

    /** The client watches other queries from now on. */
    void modify(ModifyQuerySet modify) {
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
        isDue = true;
    }

    /** Another transition has to come, even if there is nothing new in it. */
    void demand() {
        isDue = true;
    }

    /** Begins the next transition if one is due and the last is over. */
    void goOn(Caller caller) {
        if (isDue && !isUpdating) {
            begin(caller);
        }
    }

    private void begin(Caller caller) {
        isDue = false;
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
        inbox.beside(() -> update.run(all, caller), updated -> {
            Runnable finish = () -> finish(updated, new StateVersion(querySet, identity, updated.timestamp()),
                    modifications);
            if (isCommitting) {
                heldBack = finish;
            } else {
                finish.run();
            }
        });
    }

    private void finish(Updated updated, StateVersion next, Map<Long, String> modifications) {
        isUpdating = false;
        for (Result result : updated.results()) {
            if (queries.complete(result)) {
                modifications.put(result.query().id(), result.modification());
            }
        }
        outbox.addTransition(ServerMessages.transition(version, next, modifications.values(), clientClockSkew));
        lifeSigns.answered();
        version = next;
    }

    @Override
    public void committing() {
        isCommitting = true;
    }

    @Override
    public void conflicted() {
        isCommitting = false;
        inbox.add(this::release);
    }

    /** The mutation that may have been {@link #committing} has its answer. */
    void mutated() {
        isCommitting = false;
        release();
    }

    /** Sends a transition that has waited for the answer of a mutation. */
    private void release() {
        Runnable transition = heldBack;
        if (transition != null && !isCommitting) {
            heldBack = null;
            transition.run();
        }
    }

    /** Ends the subscriptions. */
    @Override
    public void close() {
        scope.close();
    }
}
