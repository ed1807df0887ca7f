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

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * What waits to be sent to a client that may be slow. Above {@link #FULL} nothing more is taken from the client, and nothing
 * new is begun for it; above {@link #OVERFULL}, which only answers of actions that run already can reach, it is given up.
 * For one thread.
 */
final class Outbox {

    static final long FULL = 8L << 20;
    static final long OVERFULL = 256L << 20;
    /** How many transitions wait before no other is computed; source: {@code SYNC_MAX_SEND_TRANSITION_COUNT}. */
    static final int MAX_TRANSITIONS = 2;
    /** The size of a part of a large transition, in bytes; source: {@code MAX_MESSAGE_SIZE} of the Convex backend. */
    private static final int CHUNK = 5_000_000;
    private static final int MAX_BYTES_PER_CHARACTER = 3;

    private final Connection connection;
    private final boolean takesChunks;
    private final Runnable onSent;
    /** Clients compare it with their own clock, so it must not be the deployment's, which tests may set. */
    private final Clock wallClock = Clock.systemUTC();
    private final Deque<Message> waiting = new ArrayDeque<>();
    private long size;
    private int transitions;
    private boolean isSending;

    private record Message(String text, boolean isTransition) {}

    /** {@code onSent} is run on any thread, and has {@link #sent} called on the right one. */
    Outbox(Connection connection, boolean takesChunks, Runnable onSent) {
        this.connection = connection;
        this.takesChunks = takesChunks;
        this.onSent = onSent;
    }

    void add(String message) {
        add(new Message(message, false));
    }

    void addTransition(String transition) {
        transitions++;
        add(new Message(transition, true));
    }

    private void add(Message message) {
        waiting.addLast(message);
        size += message.text().length();
        sendNext();
    }

    /** The message on its way has been sent. */
    void sent() {
        isSending = false;
        sendNext();
    }

    boolean isFull() {
        return size > FULL || transitions >= MAX_TRANSITIONS;
    }

    boolean isOverfull() {
        return size > OVERFULL;
    }

    boolean isEmpty() {
        return waiting.isEmpty() && !isSending;
    }

    private void sendNext() {
        if (isSending || waiting.isEmpty()) {
            return;
        }
        Message next = waiting.removeFirst();
        size -= next.text().length();
        if (next.isTransition()) {
            transitions--;
            String timed = withServerTime(next.text());
            if (takesChunks && timed.length() > CHUNK / MAX_BYTES_PER_CHARACTER && divide(timed)) {
                sendNext();
            } else {
                send(timed);
            }
        } else {
            send(next.text());
        }
    }

    private void send(String text) {
        isSending = true;
        connection.send(text, onSent);
    }

    private String withServerTime(String transition) {
        Instant now = wallClock.instant();
        long nanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        return "%s,\"serverTs\":%d}".formatted(transition.substring(0, transition.length() - 1), nanos);
    }

    /** Puts the parts in front of what waits: nothing may come between them. Returns false if it is small enough. */
    private boolean divide(String transition) {
        byte[] bytes = transition.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= CHUNK) {
            return false;
        }
        Deque<String> chunks = new ArrayDeque<>();
        int start = 0;
        while (start < bytes.length) {
            int end = Math.min(start + CHUNK, bytes.length);
            while (end < bytes.length && (bytes[end] & 0xc0) == 0x80) {
                end--;
            }
            chunks.addLast(new String(bytes, start, end - start, StandardCharsets.UTF_8));
            start = end;
        }
        int total = chunks.size();
        String id = Integer.toString(bytes.length);
        for (int part = total - 1; part >= 0; part--) {
            String message = ServerMessages.transitionChunk(chunks.removeLast(), part, total, id);
            waiting.addFirst(new Message(message, false));
            size += message.length();
        }
        return true;
    }
}
