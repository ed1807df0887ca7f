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
import dev.convexbackfill.local.auth.AdminKey;
import dev.convexbackfill.local.faults.FaultInjector;
import dev.convexbackfill.local.function.FunctionRunner;
import dev.convexbackfill.local.function.SessionRequests;
import dev.convexbackfill.local.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The websockets of a deployment. Thread-safe. */
public final class SyncServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SyncServer.class);

    /** The largest message of a client, in bytes; what the websocket library of the Convex backend takes. */
    private static final long MAX_MESSAGE = 64L << 20;
    private static final Duration CLEANUP_INTERVAL = Duration.ofHours(1);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final ServerWebSocketContainer container;
    private final Store store;
    private final SyncContext context;
    private final Set<SyncWorker> workers = ConcurrentHashMap.newKeySet();
    private final ExecutorService executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("convex-local-sync-", 0).factory());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("convex-local-sync-timer").daemon().factory());
    private volatile boolean closed;

    /** For a server that is not started yet; {@code closing} ends waits. */
    public SyncServer(Server server, Store store, FunctionRunner runner, FaultInjector faults, AdminKey adminKey,
            StopSignal closing) {
        this.store = store;
        this.container = ServerWebSocketContainer.ensure(server);
        container.setMaxTextMessageSize(MAX_MESSAGE);
        container.setMaxFrameSize(MAX_MESSAGE);
        // clients are asked for signs of life, and given up, by their workers
        container.setIdleTimeout(Duration.ZERO);
        this.context = new SyncContext(store, runner, new Calls(runner, faults, closing), adminKey, executor,
                Heartbeat.CONVEX, System::nanoTime);
        long beat = context.heartbeat().interval().toMillis();
        Future<?> _ = timer.scheduleWithFixedDelay(() -> workers.forEach(SyncWorker::beat), beat, beat,
                TimeUnit.MILLISECONDS);
        Future<?> _ = timer.scheduleWithFixedDelay(this::removeOldRequests, 0, CLEANUP_INTERVAL.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Makes a websocket of the request. Returns false, and leaves the request alone, if it asks for none. */
    public boolean upgrade(Request request, Response response, Callback callback, boolean takesChunks) {
        return container.upgrade((_, accepted, _) -> {
            // compressing costs more than it saves on loopback
            accepted.setExtensions(List.of());
            return new JettySocket(this, takesChunks);
        }, request, response, callback);
    }

    SyncWorker makeWorker(Connection connection, boolean takesChunks) {
        return new SyncWorker(connection, takesChunks, context);
    }

    void start(SyncWorker worker) {
        workers.add(worker);
        executor.execute(() -> {
            try {
                worker.run();
            } finally {
                workers.remove(worker);
            }
        });
        worker.beat();
        if (closed) {
            worker.close();
        }
    }

    private void removeOldRequests() {
        try {
            SessionRequests.removeOld(store);
        } catch (RuntimeException broken) {
            LOG.warn("Old requests of sessions could not be removed; it is tried again in an hour", broken);
        }
    }

    /** Closes all sockets, and waits for what runs on their behalf. */
    @Override
    public void close() {
        closed = true;
        timer.shutdown();
        workers.forEach(SyncWorker::close);
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("Functions that were called over websockets are still running; they are left behind");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
