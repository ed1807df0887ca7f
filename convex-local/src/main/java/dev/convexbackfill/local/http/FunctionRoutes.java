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
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.faults.FaultInjector;
import dev.convexbackfill.local.faults.FaultInjector.Fate;
import dev.convexbackfill.local.function.Caller;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.function.FunctionRunner;
import dev.convexbackfill.local.function.FunctionRunner.Completed;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.DocumentTransaction.Moment;
import dev.convexbackfill.local.store.Store;
import dev.convexbackfill.local.store.Timestamps;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** The routes that call functions. */
final class FunctionRoutes implements Routes {

    /** How long a time can be gone back to; source: {@code MAX_TRANSACTION_WINDOW} of the Convex backend. */
    private static final Duration READABLE_WINDOW = Duration.ofSeconds(10);

    private final Store store;
    private final FunctionRunner runner;
    private final FaultInjector faults;
    private final Clock clock;
    private final StopSignal closing;
    private final TreeMap<Long, Kept> moments = new TreeMap<>();

    private record Kept(Moment moment, Instant since) {}

    FunctionRoutes(Store store, FunctionRunner runner, FaultInjector faults, Clock clock, StopSignal closing) {
        this.store = store;
        this.runner = runner;
        this.faults = faults;
        this.clock = clock;
        this.closing = closing;
    }

    /** Tells a call whose answer never arrives. */
    static final class ConnectionLostException extends RuntimeException {

        ConnectionLostException() {
            super("The connection is broken on purpose");
        }
    }

    @Override
    public @Nullable Answer answer(ApiRequest request) throws IOException {
        ClientVersion client = request.client();
        return switch (request.route()) {
            case "POST /api/query" -> call(jsonBody(request), FunctionKind.QUERY, request.caller(), client);
            case "GET /api/query" -> call(callInUrl(request), FunctionKind.QUERY, request.caller(), client);
            case "POST /api/mutation" -> call(jsonBody(request), FunctionKind.MUTATION, request.caller(), client);
            case "POST /api/action" -> call(jsonBody(request), FunctionKind.ACTION, request.caller(), client);
            case "POST /api/function" -> {
                Caller caller = request.requireKey();
                yield call(jsonBody(request), null, caller, client);
            }
            case "POST /api/query_ts" -> queryTimestamp();
            case "POST /api/query_at_ts" -> queryAt(jsonBody(request), request.caller(), client);
            case "POST /api/query_batch" -> batch(jsonBatch(request), request.caller(), client);
            default -> {
                String function = request.routeAfter("POST /api/run/").orElse(null);
                // as in Convex, old clients get no other format from this route
                yield function == null ? null
                        : call(runInUrl(request, function), null, request.caller(), ClientVersion.UNKNOWN);
            }
        };
    }

    private static CallRequest jsonBody(ApiRequest request) throws IOException {
        byte[] body = request.jsonBody();
        try {
            return CallRequest.parse(body);
        } catch (FunctionFailedException invalidArgs) {
            throw RequestRefusedException.badBody(String.valueOf(invalidArgs.getMessage()));
        }
    }

    private static List<CallRequest> jsonBatch(ApiRequest request) throws IOException {
        byte[] body = request.jsonBody();
        try {
            return CallRequest.parseBatch(body);
        } catch (FunctionFailedException invalidArgs) {
            throw RequestRefusedException.badBody(String.valueOf(invalidArgs.getMessage()));
        }
    }

    private static CallRequest callInUrl(ApiRequest request) {
        String args = request.parameter("args");
        String path = request.parameter("path");
        if (args == null || path == null) {
            throw new RequestRefusedException(400, "BadQueryArgs", "The query needs `path` and `args`");
        }
        try {
            return new CallRequest(path, ConvexJson.decode(args), request.parameter("format"), null, null);
        } catch (InvalidValueException invalid) {
            throw new RequestRefusedException(400, "BadQueryArgs", String.valueOf(invalid.getMessage()));
        }
    }

    private static CallRequest runInUrl(ApiRequest request, String rest) throws IOException {
        int last = rest.lastIndexOf('/');
        if (last < 1 || last == rest.length() - 1) {
            throw new RequestRefusedException(400, "MissingIdentifier",
                    "Path or function name not provided in path, e.g. /api/run/messages/list");
        }
        CallRequest body = jsonBody(request);
        return new CallRequest(rest.substring(0, last) + ":" + rest.substring(last + 1), body.args(), body.format(),
                null, null);
    }

    /** One call, answered with an envelope. {@code kind} is null where the function decides. */
    private Answer call(CallRequest request, @Nullable FunctionKind kind, Caller caller, ClientVersion client) {
        String path = request.requirePath();
        if (path.isBlank() || path.startsWith(":") || path.endsWith(":")) {
            throw new RequestRefusedException(400, "BadConvexFunctionIdentifier",
                    "%s is not a valid path to a Convex function.".formatted(path));
        }
        Fate fate = disturb(path, kind != FunctionKind.QUERY);
        String component = request.componentPath() == null ? "" : request.componentPath();
        Answer envelope = envelope(request, client, () -> kind == null
                ? runner.runAny(component, path, request.namedArgs(), caller, () -> faults.conflicts(path))
                : runner.run(path, kind, request.namedArgs(), caller, () -> faults.conflicts(path)));
        if (fate == Fate.REPLY_LOST) {
            throw new ConnectionLostException();
        }
        return envelope;
    }

    private @Nullable Fate disturb(String path, boolean mayWrite) {
        Duration latency = faults.latency(path);
        if (latency.isPositive()) {
            closing.await(latency);
        }
        Fate fate = faults.fate(path, mayWrite);
        return switch (fate) {
            case RATE_LIMITED -> throw new RequestRefusedException(429, "TooManyConcurrentRequests",
                    "Too many concurrent requests in a short period of time. Spread your requests out over time or"
                            + " throttle them to avoid errors.");
            case OVERLOADED -> throw new RequestRefusedException(503, "ExpiredInQueue",
                    "Too many concurrent requests, backoff and try again.");
            case RESET_BEFORE_COMMIT -> throw new ConnectionLostException();
            case REPLY_LOST -> fate;
            case null -> null;
        };
    }

    private interface Work {

        Completed run();
    }

    private static Answer envelope(CallRequest request, ClientVersion client, Work work) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        try (JsonGenerator json = ConvexJson.generator(out)) {
            writeEnvelope(json, request, client, work);
        }
        return Answer.json(out.toByteArray());
    }

    private static void writeEnvelope(JsonGenerator json, CallRequest request, ClientVersion client, Work work) {
        Completed completed = null;
        FunctionFailedException failure = null;
        try {
            completed = work.run();
        } catch (FunctionFailedException failed) {
            failure = failed;
        } catch (ConflictException _) {
            throw new RequestRefusedException(503, "OptimisticConcurrencyControlFailure",
                    "Documents read from or written to the table changed while this mutation was being run and on every"
                            + " subsequent retry. See https://docs.convex.dev/error#1");
        }
        // parsed only now: a mutation called with a bad format commits and then answers 400, as in Convex
        ValueFormat format = request.valueFormat(client);
        json.writeStartObject();
        json.writeName("status");
        json.writeString(failure == null ? "success" : "error");
        if (completed != null) {
            json.writeName("value");
            format.write(json, completed.value());
            writeLogLines(json, completed.logLines());
        }
        if (failure != null) {
            json.writeName("errorMessage");
            json.writeString(failure.shownMessage());
            ConvexValue data = failure.data();
            if (data != null) {
                json.writeName("errorData");
                format.write(json, data);
            }
            writeLogLines(json, failure.logLines());
        }
        json.writeEndObject();
    }

    private static void writeLogLines(JsonGenerator json, List<String> lines) {
        if (!lines.isEmpty()) {
            json.writeName("logLines");
            json.writeStartArray();
            lines.forEach(json::writeString);
            json.writeEndArray();
        }
    }

    /** The time now, to which {@link #queryAt} can go back for a while. */
    private Answer queryTimestamp() {
        Moment now = DocumentTransaction.now(store);
        synchronized (moments) {
            forgetOld();
            moments.put(now.timestamp(), new Kept(now, clock.instant()));
        }
        return Answer.json("{\"ts\":\"%s\"}".formatted(Timestamps.encode(now.timestamp())));
    }

    /** A query as of an earlier time. */
    private Answer queryAt(CallRequest request, Caller caller, ClientVersion client) {
        Moment moment = moment(request.timestamp());
        return envelope(request, client,
                () -> runner.queryAt(moment, request.requirePath(), request.namedArgs(), caller));
    }

    private Moment moment(@Nullable String timestamp) {
        long wanted;
        try {
            wanted = Timestamps.decode(timestamp == null ? "" : timestamp);
        } catch (IllegalArgumentException _) {
            throw RequestRefusedException.badBody("`ts` is no timestamp");
        }
        synchronized (moments) {
            forgetOld();
            Kept kept = moments.get(wanted);
            if (kept != null) {
                return kept.moment();
            }
        }
        throw new RequestRefusedException(wanted > store.timestamp() ? 500 : 503, "InternalServerError",
                "Your request couldn't be completed. Try again later.");
    }

    private void forgetOld() {
        Instant oldest = clock.instant().minus(READABLE_WINDOW);
        moments.values().removeIf(kept -> kept.since().isBefore(oldest));
    }

    /** Several queries at one time. */
    private Answer batch(List<CallRequest> requests, Caller caller, ClientVersion client) {
        Moment now = DocumentTransaction.now(store);
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        try (JsonGenerator json = ConvexJson.generator(out)) {
            json.writeStartObject();
            json.writeName("results");
            json.writeStartArray();
            for (CallRequest request : requests) {
                writeEnvelope(json, request, client,
                        () -> runner.queryAt(now, request.requirePath(), request.namedArgs(), caller));
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return Answer.json(out.toByteArray());
    }
}
