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
import dev.convexbackfill.local.faults.FaultInjector;
import dev.convexbackfill.local.function.FunctionRunner;
import dev.convexbackfill.local.limits.DeploymentLimits;
import dev.convexbackfill.local.snapshot.Snapshots;
import dev.convexbackfill.local.store.Store;
import dev.convexbackfill.local.streaming.StreamingExports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.VirtualThreadPool;

/** Serves Convex's HTTP API on loopback. */
public final class HttpServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final long IDLE_MILLIS = 120_000;

    private final Server server;
    private final URI url;

    private HttpServer(Server server, URI url) {
        this.server = server;
        this.url = url;
    }

    /** Starts on {@code port}, or on any free one for 0. Throws {@link UncheckedIOException} if it is taken. */
    public static HttpServer start(int port, String instanceName, String adminKey, Store store, FunctionRunner runner,
            FaultInjector faults, Snapshots snapshots, Clock clock, DeploymentLimits limits, StopSignal closing) {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("convex-local");
        threads.setDaemon(true);
        VirtualThreadPool virtual = new VirtualThreadPool();
        threads.setVirtualThreadsExecutor(virtual);
        Server server = new Server(threads);
        server.addBean(virtual);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost(HOST);
        connector.setPort(port);
        connector.setIdleTimeout(IDLE_MILLIS);
        server.addConnector(connector);
        server.setHandler(new ApiHandler(new Authentication(adminKey), List.of(
                new FunctionRoutes(store, runner, faults, clock, limits.redacts(), closing),
                new EnvironmentRoutes(runner),
                new LogRoutes(runner.log()),
                new DeploymentRoutes(instanceName),
                new ExportRoutes(snapshots, instanceName),
                new ImportRoutes(snapshots),
                new StreamingExportRoutes(new StreamingExports(store, store.secret())),
                new FaultRoutes(faults))));
        try {
            server.start();
        } catch (IOException taken) {
            stop(server);
            throw new UncheckedIOException("Port %d of %s can't be served".formatted(port, HOST), taken);
        } catch (Exception impossible) {
            stop(server);
            throw new IllegalStateException(impossible);
        }
        return new HttpServer(server, URI.create("http://" + HOST + ":" + connector.getLocalPort()));
    }

    /** Where it serves. */
    public URI url() {
        return url;
    }

    @Override
    public void close() {
        stop(server);
    }

    private static void stop(Server server) {
        try {
            server.stop();
        } catch (Exception broken) {
            throw new IllegalStateException("The server did not stop", broken);
        }
    }
}
