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

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.jspecify.annotations.Nullable;

/** A websocket of Jetty with the worker that serves it. Public only because Jetty looks its methods up. */
public final class JettySocket implements Session.Listener, Connection {

    private final SyncServer server;
    private final boolean takesChunks;
    private volatile @Nullable Session session;
    private volatile @Nullable SyncWorker worker;

    JettySocket(SyncServer server, boolean takesChunks) {
        this.server = server;
        this.takesChunks = takesChunks;
    }

    @Override
    public void onWebSocketOpen(Session open) {
        session = open;
        SyncWorker made = server.makeWorker(this, takesChunks);
        worker = made;
        server.start(made);
    }

    @Override
    public void onWebSocketText(String message) {
        worker().receive(message);
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        callback.succeed();
        close(StatusCode.SERVER_ERROR, "InternalServerError");
    }

    @Override
    public void onWebSocketPong(ByteBuffer payload) {
        worker().heard();
        session().demand();
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        // a close follows
    }

    @Override
    public void onWebSocketClose(int statusCode, @Nullable String reason, Callback callback) {
        SyncWorker current = worker;
        if (current != null) {
            current.closed();
        }
        callback.succeed();
    }

    private Session session() {
        return requireNonNull(session, "the socket is not open yet");
    }

    private SyncWorker worker() {
        return requireNonNull(worker, "the socket is not open yet");
    }

    @Override
    public void send(String text, Runnable sent) {
        session().sendText(text, Callback.from(sent, _ -> disconnect()));
    }

    @Override
    public void ping(Runnable sent) {
        session().sendPing(ByteBuffer.allocate(0), Callback.from(sent, _ -> disconnect()));
    }

    @Override
    public void demand() {
        Session current = session();
        if (current.isOpen()) {
            current.demand();
        }
    }

    @Override
    public void close(int code, String reason) {
        session().close(code, reason.isEmpty() ? null : reason, Callback.NOOP);
    }

    @Override
    public void disconnect() {
        session().disconnect();
    }
}
