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
package dev.convexbackfill.benchmarks;

import dev.convexbackfill.client.value.ConvexJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Which HTTP library the client stands on: 16 virtual threads fetch pages ({@code page}: a small request, 200 documents back)
 * or write chunks ({@code chunk}: 200 documents out, a small answer) on kept-alive connections over loopback.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class HttpLibraries {

    private static final int CALLS = 320;
    private static final int THREADS = 16;

    @Param({"page", "chunk"})
    public String kind = "page";

    @Param({"jdk", "apache", "okhttp", "jetty"})
    public String library = "jdk";

    private Server server = new Server();
    private ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Caller caller = _ -> new byte[0];
    private byte[] request = {};
    private AutoCloseable closing = () -> {};

    interface Caller {

        byte[] call(byte[] body) throws Exception;
    }

    @Setup
    public void start() throws Exception {
        byte[] large = ConvexJson.encode(Documents.page(200));
        byte[] small = "{\"status\":\"success\",\"value\":null}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        request = kind.equals("page") ? small : large;
        byte[] response = kind.equals("page") ? large : small;
        server = new Server(new QueuedThreadPool(64));
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(org.eclipse.jetty.server.Request r, Response out, Callback callback)
                    throws Exception {
                Content.Source.asByteBuffer(r);
                out.write(true, ByteBuffer.wrap(response), callback);
                return true;
            }
        });
        server.start();
        caller = caller(URI.create("http://127.0.0.1:" + connector.getLocalPort() + "/api/query"));
    }

    private Caller caller(URI uri) throws Exception {
        return switch (library) {
            case "jdk" -> jdk(uri);
            case "apache" -> apache(uri);
            case "okhttp" -> okhttp(uri);
            default -> jetty(uri);
        };
    }

    private Caller jdk(URI uri) {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        closing = client;
        return body -> client.sendAsync(HttpRequest.newBuilder(uri).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(), HttpResponse.BodyHandlers.ofByteArray())
                .get().body();
    }

    private Caller apache(URI uri) {
        CloseableHttpClient client = HttpClients.custom().disableAutomaticRetries().disableCookieManagement()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setMaxConnPerRoute(THREADS).setMaxConnTotal(THREADS).build())
                .build();
        closing = client;
        return body -> {
            HttpPost post = new HttpPost(uri);
            post.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
            return client.execute(post, answer -> EntityUtils.toByteArray(answer.getEntity()));
        };
    }

    private Caller okhttp(URI uri) {
        OkHttpClient client = new OkHttpClient.Builder().retryOnConnectionFailure(false)
                .connectionPool(new ConnectionPool(THREADS, 1, TimeUnit.MINUTES)).dispatcher(new Dispatcher()).build();
        MediaType json = MediaType.get("application/json");
        return body -> {
            try (var answer = client.newCall(new Request.Builder().url(uri.toString())
                    .post(RequestBody.create(body, json)).build()).execute()) {
                return answer.body().bytes();
            }
        };
    }

    private Caller jetty(URI uri) throws Exception {
        org.eclipse.jetty.client.HttpClient client = new org.eclipse.jetty.client.HttpClient();
        client.setMaxConnectionsPerDestination(THREADS);
        client.start();
        closing = client::stop;
        return body -> client.POST(uri).body(new BytesRequestContent("application/json", body)).send().getContent();
    }

    @TearDown
    public void stop() throws Exception {
        closing.close();
        threads.close();
        server.stop();
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public long calls() throws InterruptedException, ExecutionException {
        List<Future<Long>> running = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            running.add(threads.submit(() -> {
                long bytes = 0;
                for (int i = 0; i < CALLS / THREADS; i++) {
                    try {
                        bytes += caller.call(request).length;
                    } catch (IOException failed) {
                        throw new UncheckedIOException(failed);
                    }
                }
                return bytes;
            }));
        }
        long bytes = 0;
        for (Future<Long> done : running) {
            bytes += done.get();
        }
        return bytes;
    }
}
