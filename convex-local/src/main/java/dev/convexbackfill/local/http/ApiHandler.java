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

import dev.convexbackfill.local.http.FunctionRoutes.ConnectionLostException;
import dev.convexbackfill.local.limits.RateLimitedException;
import dev.convexbackfill.local.sync.SyncServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the route of a request and sends its answer. Thread-safe. */
final class ApiHandler extends Handler.Abstract {

    private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);

    private static final Pattern SYNC = Pattern.compile("/api/(?:([^/]+)/)?sync");

    private final Authentication authentication;
    private final SyncServer sync;
    private final List<Routes> routes;
    private final MemoryBudget memory;

    ApiHandler(Authentication authentication, SyncServer sync, List<Routes> routes, MemoryBudget memory) {
        this.memory = memory;
        this.authentication = authentication;
        this.sync = sync;
        this.routes = List.copyOf(routes);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        CrossOrigin.allow(request.getHeaders(), response.getHeaders());
        if (HttpMethod.OPTIONS.is(request.getMethod())) {
            CrossOrigin.allowToCome(request.getHeaders(), response.getHeaders());
            send(Answer.empty(), response, callback);
            return true;
        }
        try (BodyReader reader = new BodyReader(memory)) {
            Matcher syncPath = SYNC.matcher(ApiRequest.path(request));
            boolean isSync = syncPath.matches();
            ClientVersion client = client(request, isSync ? syncPath.group(1) : null);
            warn(client, response);
            if (isSync) {
                upgrade(request, response, callback, client);
            } else {
                send(answer(new ApiRequest(request, authentication, client, reader)), response, callback);
            }
        } catch (RequestRefusedException refused) {
            sendError(refused.status(), refused.code(), String.valueOf(refused.getMessage()), response, callback);
        } catch (RateLimitedException limited) {
            sendError(429, limited.code(), String.valueOf(limited.getMessage()), response, callback);
        } catch (ConnectionLostException lost) {
            request.getConnectionMetaData().getConnection().getEndPoint().close();
            callback.failed(lost);
        } catch (RuntimeException | IOException broken) {
            LOG.error("{} {} failed", request.getMethod(), request.getHttpURI().getPath(), broken);
            sendError(500, "InternalServerError", "Your request couldn't be completed. Try again later.", response,
                    callback);
        }
        return true;
    }

    private static ClientVersion client(Request request, @Nullable String versionInPath) {
        String header = request.getHeaders().get("Convex-Client");
        if (header != null) {
            return ClientVersion.parse(header);
        }
        return versionInPath == null ? ClientVersion.UNKNOWN : ClientVersion.ofPath(versionInPath);
    }

    /** Tells old clients that they are old, and refuses very old ones. */
    private static void warn(ClientVersion client, Response response) {
        String unsupported = client.unsupported();
        String why = unsupported == null ? client.deprecated() : unsupported;
        if (why == null) {
            return;
        }
        response.getHeaders().put("x-convex-deprecation-state",
                unsupported == null ? "UpgradeRequired" : "Unsupported");
        response.getHeaders().put("x-convex-deprecation-message", why);
        if (unsupported != null) {
            throw new RequestRefusedException(400, "ClientVersionUnsupported", unsupported);
        }
    }

    private void upgrade(Request request, Response response, Callback callback, ClientVersion client) {
        if (!sync.upgrade(request, response, callback, client.takesChunks())) {
            throw new RequestRefusedException(400, "WebSocketUpgradeRequired",
                    "Connection header did not include 'upgrade'");
        }
    }

    private Answer answer(ApiRequest request) throws IOException {
        for (Routes some : routes) {
            Answer answer = some.answer(request);
            if (answer != null) {
                return answer;
            }
        }
        throw new RequestRefusedException(404, "NotFound", "No matching routes found");
    }

    private static void send(Answer answer, Response response, Callback callback) {
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.contentType());
        answer.headers().forEach(response.getHeaders()::put);
        switch (answer) {
            case Answer.Whole whole -> sendWhole(whole.body(), response, callback);
            case Answer.Streamed streamed -> {
                try (OutputStream out = Content.Sink.asOutputStream(response)) {
                    streamed.body().write(out);
                } catch (IOException | RuntimeException broken) {
                    LOG.warn("An answer was cut off", broken);
                    callback.failed(broken);
                    return;
                }
                callback.succeeded();
            }
        }
    }

    private static void sendError(int status, String code, String message, Response response, Callback callback) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        sendWhole(JsonErrors.body(code, message), response, callback);
    }

    private static void sendWhole(byte[] body, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
    }
}
