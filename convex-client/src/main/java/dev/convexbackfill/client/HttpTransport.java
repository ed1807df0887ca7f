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
package dev.convexbackfill.client;

import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** Sends one request and gets one answer, within a time, on connections that are kept. Thread-safe. */
final class HttpTransport implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    /** Shorter than the idle time after which servers and proxies commonly close connections. */
    private static final TimeValue KEEP_ALIVE = TimeValue.ofSeconds(30);
    /** Convex answers at most 24 MiB; escapes in its JSON may make that some six times as long. */
    private static final int MAX_ANSWER = 160 << 20;

    private final URI url;
    private final String clientName;
    private final @Nullable DeployKey key;
    private final CloseableHttpClient http;
    private final ScheduledExecutorService deadlines;

    HttpTransport(URI url, @Nullable DeployKey key, String clientName, int maxConnections) {
        this.url = url;
        this.key = key;
        this.clientName = clientName;
        PoolingHttpClientConnectionManager connections = PoolingHttpClientConnectionManagerBuilder.create()
                .useSystemProperties()
                .setMaxConnTotal(maxConnections)
                .setMaxConnPerRoute(maxConnections)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(CONNECT_TIMEOUT))
                        .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                        .build())
                .build();
        this.http = HttpClients.custom()
                .useSystemProperties()
                .setConnectionManager(connections)
                .setKeepAliveStrategy((_, _) -> KEEP_ALIVE)
                // repeating is decided by who knows whether it is harmless
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .build();
        this.deadlines = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("convex-client-deadlines").factory());
    }

    /** An answer of any status; nobody compares two. */
    @SuppressWarnings("ArrayRecordComponent")
    record Answer(int status, byte[] body) {}

    /**
     * Throws {@link ConvexException} as unreachable, unknown or abandoned if there is no answer; {@code call} is what its
     * message names.
     */
    Answer send(String call, String method, String path, byte @Nullable [] json, Duration timeout, StopSignal stop) {
        return send(call, method, path, json, ContentType.APPLICATION_JSON, timeout, stop);
    }

    /** As the other, with a body of any type. */
    Answer send(String call, String method, String path, byte @Nullable [] content, ContentType type, Duration timeout,
            StopSignal stop) {
        HttpUriRequestBase request = request(method, path, content, type, timeout);
        AtomicReference<@Nullable FailureCategory> cancelled = new AtomicReference<>();
        ScheduledFuture<?> deadline = deadlines.schedule(
                () -> cancel(request, cancelled, FailureCategory.OUTCOME_UNKNOWN), timeout.toMillis(),
                TimeUnit.MILLISECONDS);
        try (StopSignal.Registration _ = stop.onGiven(() -> cancel(request, cancelled, FailureCategory.ABANDONED))) {
            return http.execute(request, answer -> {
                HttpEntity entity = answer.getEntity();
                byte[] body = entity == null ? new byte[0] : EntityUtils.toByteArray(entity, MAX_ANSWER);
                return new Answer(answer.getCode(), body == null ? new byte[0] : body);
            });
        } catch (IOException | RuntimeException noAnswer) {
            throw failure(call, timeout, noAnswer, cancelled.get());
        } finally {
            deadline.cancel(false);
        }
    }

    /**
     * As {@link #send}, but the body of status 200 goes to {@code out}; the answer of another status is returned.
     *
     * @param silence how long the server may send nothing
     */
    Answer download(String call, String path, OutputStream out, Duration silence, StopSignal stop) {
        HttpUriRequestBase request = request("GET", path, null, ContentType.APPLICATION_JSON, silence);
        AtomicReference<@Nullable FailureCategory> cancelled = new AtomicReference<>();
        try (StopSignal.Registration _ = stop.onGiven(() -> cancel(request, cancelled, FailureCategory.ABANDONED))) {
            return http.execute(request, answer -> {
                HttpEntity entity = answer.getEntity();
                if (answer.getCode() == HttpStatus.SC_OK && entity != null) {
                    entity.writeTo(out);
                    return new Answer(answer.getCode(), new byte[0]);
                }
                byte[] body = entity == null ? new byte[0] : EntityUtils.toByteArray(entity, MAX_ANSWER);
                return new Answer(answer.getCode(), body == null ? new byte[0] : body);
            });
        } catch (IOException | RuntimeException noAnswer) {
            throw failure(call, silence, noAnswer, cancelled.get());
        }
    }

    private HttpUriRequestBase request(String method, String path, byte @Nullable [] content, ContentType type,
            Duration timeout) {
        String base = url.toString();
        HttpUriRequestBase request = new HttpUriRequestBase(method,
                URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path));
        request.setConfig(RequestConfig.custom()
                .setConnectionRequestTimeout(Timeout.of(timeout))
                .setResponseTimeout(Timeout.of(timeout))
                .build());
        request.setHeader("Convex-Client", clientName);
        if (key != null) {
            request.setHeader("Authorization", "Convex " + key.value());
        }
        if (content != null) {
            request.setEntity(new ByteArrayEntity(content, type));
        }
        return request;
    }

    private static void cancel(HttpUriRequestBase request, AtomicReference<@Nullable FailureCategory> cancelled,
            FailureCategory as) {
        if (cancelled.compareAndSet(null, as)) {
            request.cancel();
        }
    }

    private ConvexException failure(String call, Duration timeout, Exception cause,
            @Nullable FailureCategory cancelled) {
        if (cancelled == FailureCategory.ABANDONED || Thread.currentThread().isInterrupted()) {
            return new ConvexException(FailureCategory.ABANDONED, call + " was abandoned because of a stop", cause);
        }
        if (cause instanceof UnknownHostException) {
            return new ConvexException(FailureCategory.UNREACHABLE,
                    "%s failed: the host '%s' is unknown".formatted(call, url.getHost()), cause);
        }
        if (cause instanceof ConnectException || cause instanceof NoRouteToHostException
                || cause instanceof ConnectTimeoutException || cause instanceof ConnectionRequestTimeoutException) {
            return new ConvexException(FailureCategory.UNREACHABLE,
                    "%s failed: no connection to %s (%s)".formatted(call, url, describe(cause)), cause);
        }
        if (cause instanceof SSLHandshakeException || cause instanceof SSLPeerUnverifiedException) {
            return new ConvexException(FailureCategory.UNREACHABLE,
                    "%s failed: no secure connection to %s (%s)".formatted(call, url, describe(cause)), cause);
        }
        if (cancelled != null || cause instanceof java.io.InterruptedIOException) {
            return new ConvexException(FailureCategory.OUTCOME_UNKNOWN,
                    "%s got no answer within %d ms".formatted(call, timeout.toMillis()), cause);
        }
        return new ConvexException(FailureCategory.OUTCOME_UNKNOWN,
                "%s lost its connection before the answer (%s)".formatted(call, describe(cause)), cause);
    }

    private static String describe(Exception cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    @Override
    public void close() {
        deadlines.shutdownNow();
        http.close(org.apache.hc.core5.io.CloseMode.IMMEDIATE);
    }
}
