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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.function.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** A request as routes see it. For one thread. */
final class ApiRequest {

    /** Source: {@code MAX_BACKEND_PUBLIC_API_REQUEST_SIZE} of the Convex backend. */
    static final int MAX_BODY = (16 << 20) + 2000;

    private static final Pattern JSON = Pattern.compile("application/([a-zA-Z0-9.-]+\\+)?json(;.*)?");

    private final Request request;
    private final Authentication authentication;
    private final ClientVersion client;
    private final BodyReader reader;

    ApiRequest(Request request, Authentication authentication, ClientVersion client, BodyReader reader) {
        this.request = request;
        this.authentication = authentication;
        this.client = client;
        this.reader = reader;
    }

    /** Which client sent it. */
    ClientVersion client() {
        return client;
    }

    /** HEAD is a GET whose body the server leaves out. */
    String method() {
        return HttpMethod.HEAD.is(request.getMethod()) ? HttpMethod.GET.asString() : request.getMethod();
    }

    String path() {
        return path(request);
    }

    /** Clients whose URL of the deployment ends in a slash send two. */
    static String path(Request request) {
        String path = request.getHttpURI().getDecodedPath();
        return path == null ? "" : path.startsWith("//") ? path.substring(1) : path;
    }

    /** Method and path, as in {@code POST /api/query}. */
    String route() {
        return method() + " " + path();
    }

    /** What follows {@code prefix} in {@link #route}; empty if it does not begin with it. */
    Optional<String> routeAfter(String prefix) {
        String route = route();
        return route.startsWith(prefix) ? Optional.of(route.substring(prefix.length())) : Optional.empty();
    }

    /** A parameter of the URL; null if it is not given. */
    @Nullable
    String parameter(String name) {
        if (request.getHttpURI().getQuery() == null) {
            return null;
        }
        try {
            return Request.extractQueryParameters(request).getValue(name);
        } catch (RuntimeException malformed) {
            throw new RequestRefusedException(400, "BadQueryArgs", "The query string is malformed");
        }
    }

    /** A header; null if it is not given. */
    @Nullable
    String header(String name) {
        return request.getHeaders().get(name);
    }

    /** Who sent it. Refuses a key or a header that is wrong. */
    Caller caller() {
        return authentication.identify(request.getHeaders().get(HttpHeader.AUTHORIZATION), parameter("adminKey"));
    }

    /** Refuses whoever has not the deployment's key, or acts as a user. */
    void requireAdmin() {
        if (requireKey().user() != null) {
            throw badDeployKey();
        }
    }

    /** Who sent it; refuses whoever has not the deployment's key. */
    Caller requireKey() {
        Caller caller = caller();
        if (!caller.isAdmin()) {
            throw badDeployKey();
        }
        return caller;
    }

    private static RequestRefusedException badDeployKey() {
        return new RequestRefusedException(403, "BadDeployKey",
                "The provided deploy key was generated for another environment or is missing");
    }

    /** The body of a request that must say that it is JSON. */
    byte[] jsonBody() throws IOException {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        if (type == null || !JSON.matcher(type).matches()) {
            throw RequestRefusedException.badBody("Expected request with `Content-Type: application/json`");
        }
        try (InputStream in = bodyStream()) {
            return reader.readJson(in, MAX_BODY);
        }
    }

    /** The body of a request that must be a JSON object, read as values. */
    ConvexObject jsonObject() throws IOException {
        try {
            return ConvexJson.decodeObject(jsonBody());
        } catch (InvalidValueException invalid) {
            throw RequestRefusedException.badBody(String.valueOf(invalid.getMessage()));
        }
    }

    /** The whole body, of at most {@code max} bytes. */
    byte[] body(int max) throws IOException {
        try (InputStream in = bodyStream()) {
            return reader.read(in, max);
        }
    }

    /** The body as it comes, for one that is too large to be held. The caller closes it. */
    InputStream bodyStream() {
        return Content.Source.asInputStream(request);
    }
}
