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

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What a client and the deployment have last heard of each other. Everything but {@link #heard} belongs to the worker's
 * thread.
 */
final class LifeSigns {

    private final Connection connection;
    private final Inbox inbox;
    private final Outbox outbox;
    private final Heartbeat heartbeat;
    private final LongSupplier nanoTime;
    private volatile long lastHeard;
    private long lastTaken;
    private long lastAnswered;
    private boolean isPinging;

    LifeSigns(Connection connection, Inbox inbox, Outbox outbox, Heartbeat heartbeat, LongSupplier nanoTime) {
        this.connection = connection;
        this.inbox = inbox;
        this.outbox = outbox;
        this.heartbeat = heartbeat;
        this.nanoTime = nanoTime;
        this.lastHeard = nanoTime.getAsLong();
        this.lastTaken = lastHeard;
        this.lastAnswered = lastHeard;
    }

    /** The client has given a sign of life. */
    void heard() {
        lastHeard = nanoTime.getAsLong();
    }

    /** The client has taken a message. */
    void taken() {
        lastTaken = nanoTime.getAsLong();
    }

    /** A message for the client was put into the outbox. */
    void answered() {
        lastAnswered = nanoTime.getAsLong();
    }

    /** Whether the client has been silent for too long. {@code mustNotSend} says that nothing is read from its socket. */
    boolean isGone(boolean mustNotSend) {
        // a client that must not send can't be heard, but it can be seen to take what it is sent
        return mustNotSend ? !outbox.isEmpty() && isLongerAgo(lastTaken, heartbeat.silence())
                : isLongerAgo(lastHeard, heartbeat.silence());
    }

    /** Lets the client give a sign of life, and gives it one if it has heard nothing for a while. */
    void give() {
        if (!isPinging) {
            isPinging = true;
            connection.ping(() -> inbox.add(() -> isPinging = false));
        }
        if (isLongerAgo(lastAnswered, heartbeat.idle()) && outbox.isEmpty()) {
            outbox.add(ServerMessages.PING);
            answered();
        }
    }

    private boolean isLongerAgo(long then, Duration time) {
        return nanoTime.getAsLong() - then >= time.toNanos();
    }
}
