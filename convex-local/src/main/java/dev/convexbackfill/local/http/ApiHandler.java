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
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.faults.FaultInjector;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.function.FunctionRunner.Caller;
import dev.convexbackfill.local.http.FunctionRoutes.ConnectionLostException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;

/** Finds the route of a request and answers it. Thread-safe. */
final class ApiHandler extends Handler.Abstract {

    /** Source: {@code MAX_BACKEND_PUBLIC_API_REQUEST_SIZE} of the Convex backend. */
    private static final int MAX_BODY = (16 << 20) + 2000;
    private static final int MAX_ECHO = 128 << 20;
    private static final String VERSION = "convex-local";
    private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);

    private final String instanceName;
    private final Authentication authentication;
    private final FunctionRoutes functions;
    private final FaultInjector faults;

    ApiHandler(String instanceName, Authentication authentication, FunctionRoutes functions, FaultInjector faults) {
        this.instanceName = instanceName;
        this.authentication = authentication;
        this.functions = functions;
        this.faults = faults;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        byte[] answer;
        try {
            answer = answer(request);
            response.setStatus(200);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE,
                    answer.length > 0 && (answer[0] == '{' || answer[0] == '[') ? "application/json" : "text/plain");
        } catch (RequestRefusedException refused) {
            answer = error(refused.code(), String.valueOf(refused.getMessage()));
            response.setStatus(refused.status());
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        } catch (ConnectionLostException lost) {
            request.getConnectionMetaData().getConnection().getEndPoint().close();
            callback.failed(lost);
            return true;
        } catch (RuntimeException | IOException broken) {
            LOG.error("{} {} failed", request.getMethod(), request.getHttpURI().getPath(), broken);
            answer = error("InternalServerError", "Your request couldn't be completed. Try again later.");
            response.setStatus(500);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        }
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.length);
        response.write(true, ByteBuffer.wrap(answer), callback);
        return true;
    }

    private byte[] answer(Request request) throws IOException {
        String path = request.getHttpURI().getDecodedPath();
        String route = request.getMethod() + " " + path;
        return switch (route) {
            case "GET /" -> text("This Convex deployment is running. See https://docs.convex.dev/.");
            case "GET /version", "GET /instance_version" -> text(VERSION);
            case "GET /instance_name" -> text(instanceName);
            case "POST /echo" -> body(request, MAX_ECHO);
            case "GET /api/check_admin_key" -> {
                requireAdmin(request);
                yield text("{\"success\":true,\"allowedOps\":[],\"isReadOnly\":false}");
            }
            case "POST /api/query" -> functions.call(jsonBody(request), FunctionKind.QUERY, caller(request));
            case "GET /api/query" -> functions.call(callInUrl(request), FunctionKind.QUERY, caller(request));
            case "POST /api/mutation" -> functions.call(jsonBody(request), FunctionKind.MUTATION, caller(request));
            case "POST /api/action" -> functions.call(jsonBody(request), FunctionKind.ACTION, caller(request));
            case "POST /api/function" -> {
                requireAdmin(request);
                yield functions.call(jsonBody(request), null, Caller.ADMIN);
            }
            case "POST /api/query_ts" -> functions.queryTimestamp();
            case "POST /api/query_at_ts" -> functions.queryAt(jsonBody(request), caller(request));
            case "POST /api/query_batch" -> functions.batch(CallRequest.parseBatch(requireJson(request)),
                    caller(request));
            case "GET /local/faults" -> {
                requireAdmin(request);
                yield ConvexJson.encode(faults.get().toJson());
            }
            case "PUT /local/faults" -> {
                requireAdmin(request);
                yield setFaults(requireJson(request));
            }
            default -> {
                if (route.startsWith("POST /api/run/")) {
                    yield functions.call(runInUrl(request, path.substring("/api/run/".length())), null,
                            caller(request));
                }
                throw new RequestRefusedException(404, "NotFound", "No matching routes found");
            }
        };
    }

    private byte[] setFaults(byte[] json) {
        try {
            faults.set(Faults.fromJson(ConvexJson.decodeObject(json)));
            return ConvexJson.encode(faults.get().toJson());
        } catch (InvalidValueException invalid) {
            throw CallRequest.badBody(String.valueOf(invalid.getMessage()));
        }
    }

    private CallRequest jsonBody(Request request) throws IOException {
        byte[] body = requireJson(request);
        try {
            return CallRequest.parse(body);
        } catch (FunctionFailedException invalidArgs) {
            throw CallRequest.badBody(String.valueOf(invalidArgs.getMessage()));
        }
    }

    private static CallRequest callInUrl(Request request) {
        Fields query = Request.extractQueryParameters(request);
        String args = query.getValue("args");
        String path = query.getValue("path");
        if (args == null || path == null) {
            throw new RequestRefusedException(400, "BadQueryArgs", "The query needs `path` and `args`");
        }
        try {
            return new CallRequest(path, ConvexJson.decode(args), query.getValue("format"), null, null);
        } catch (InvalidValueException invalid) {
            throw new RequestRefusedException(400, "BadQueryArgs", String.valueOf(invalid.getMessage()));
        }
    }

    private CallRequest runInUrl(Request request, String rest) throws IOException {
        int last = rest.lastIndexOf('/');
        if (last < 1 || last == rest.length() - 1) {
            throw new RequestRefusedException(400, "MissingIdentifier",
                    "Path or function name not provided in path, e.g. /api/run/messages/list");
        }
        CallRequest body = jsonBody(request);
        String path = URLDecoder.decode(rest.substring(0, last) + ":" + rest.substring(last + 1),
                StandardCharsets.UTF_8);
        return new CallRequest(path, body.args(), body.format(), null, null);
    }

    private Caller caller(Request request) {
        return authentication.identify(request.getHeaders().get(HttpHeader.AUTHORIZATION), keyInUrl(request));
    }

    private static @Nullable String keyInUrl(Request request) {
        return request.getHttpURI().getQuery() == null ? null
                : Request.extractQueryParameters(request).getValue("adminKey");
    }

    private void requireAdmin(Request request) {
        if (caller(request) != Caller.ADMIN) {
            throw new RequestRefusedException(403, "BadDeployKey",
                    "The provided deploy key was generated for another environment or is missing");
        }
    }

    private byte[] requireJson(Request request) throws IOException {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        if (type == null || !type.matches("application/([a-zA-Z0-9.-]+\\+)?json(;.*)?")) {
            throw CallRequest.badBody("Expected request with `Content-Type: application/json`");
        }
        return body(request, MAX_BODY);
    }

    private static byte[] body(Request request, int max) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream(1024);
        try (InputStream in = Content.Source.asInputStream(request)) {
            byte[] buffer = new byte[16 << 10];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                body.write(buffer, 0, read);
                if (body.size() > max) {
                    throw CallRequest.badBody("length limit exceeded");
                }
            }
        }
        return body.toByteArray();
    }

    private static byte[] error(String code, String message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = ConvexJson.generator(out)) {
            json.writeStartObject();
            json.writeName("code");
            json.writeString(code);
            json.writeName("message");
            json.writeString(message);
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
