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
package dev.convexbackfill.local.http;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.local.auth.AdminKey;
import dev.convexbackfill.local.faults.FaultInjector;
import dev.convexbackfill.local.function.FunctionRunner;
import dev.convexbackfill.local.limits.DeploymentLimits;
import dev.convexbackfill.local.snapshot.Snapshots;
import dev.convexbackfill.local.store.SchemaPush;
import dev.convexbackfill.local.store.Store;
import dev.convexbackfill.local.streaming.StreamingExports;
import dev.convexbackfill.local.sync.SyncServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.VirtualThreadPool;

/** Serves Convex's HTTP API and its websocket protocol on loopback. */
public final class HttpServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    /** Longer than the longest wait of a route. */
    private static final long IDLE_MILLIS = 75_000;
    private static final int MAX_HEADERS_BYTES = 64 << 10;
    private static final int MAX_CONNECTIONS = 2048;
    private static final int BACKLOG = 1024;

    private final Server server;
    private final SyncServer sync;
    private final URI url;

    private HttpServer(Server server, SyncServer sync, URI url) {
        this.server = server;
        this.sync = sync;
        this.url = url;
    }

    /** Starts on {@code port}, or on any free one for 0. Throws {@link UncheckedIOException} if it is taken. */
    public static HttpServer start(int port, String instanceName, String adminKey, Store store, FunctionRunner runner,
            SchemaPush schemas, FaultInjector faults, Snapshots snapshots, Clock clock, DeploymentLimits limits,
            StopSignal closing) {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("convex-local");
        threads.setDaemon(true);
        VirtualThreadPool virtual = new VirtualThreadPool();
        // else some hundred slow senders would keep everybody else waiting
        virtual.setMaxConcurrentTasks(2 * MAX_CONNECTIONS);
        threads.setVirtualThreadsExecutor(virtual);
        Server server = new Server(threads);
        server.addBean(virtual);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(MAX_HEADERS_BYTES);
        // clients whose URL of the deployment ends in a slash send two
        http.setUriCompliance(UriCompliance.DEFAULT.with("convex-local", Violation.AMBIGUOUS_EMPTY_SEGMENT));
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost(HOST);
        connector.setPort(port);
        connector.setIdleTimeout(IDLE_MILLIS);
        connector.setAcceptQueueSize(BACKLOG);
        server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, connector));
        server.setErrorHandler(new JsonErrors());
        server.addConnector(connector);
        AdminKey key = new AdminKey(adminKey);
        SyncServer sync = new SyncServer(server, store, runner, faults, key, closing);
        server.setHandler(new ApiHandler(new Authentication(key), sync, List.of(
                new FunctionRoutes(store, runner, faults, clock, closing),
                new EnvironmentRoutes(runner),
                new LogRoutes(runner.log()),
                new DeploymentRoutes(instanceName),
                new SchemaRoutes(store, schemas),
                new ShapeRoutes(store),
                new ExportRoutes(snapshots, instanceName),
                new ImportRoutes(snapshots),
                new StreamingExportRoutes(new StreamingExports(store, store.secret())),
                new FaultRoutes(faults)), MemoryBudget.ofThisProcess()));
        try {
            server.start();
        } catch (IOException taken) {
            stop(server, sync);
            throw new UncheckedIOException("Port %d of %s can't be served".formatted(port, HOST), taken);
        } catch (Exception impossible) {
            stop(server, sync);
            throw new IllegalStateException(impossible);
        }
        return new HttpServer(server, sync, URI.create("http://" + HOST + ":" + connector.getLocalPort()));
    }

    /** Where it serves. */
    public URI url() {
        return url;
    }

    @Override
    public void close() {
        stop(server, sync);
    }

    private static void stop(Server server, SyncServer sync) {
        sync.close();
        try {
            server.stop();
        } catch (Exception broken) {
            throw new IllegalStateException("The server did not stop", broken);
        }
    }
}
