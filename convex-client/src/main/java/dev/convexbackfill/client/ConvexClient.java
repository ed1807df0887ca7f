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

import dev.convexbackfill.client.HttpTransport.Answer;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.failure.FailureClassifier;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.hc.core5.http.ContentType;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Calls the functions of a Convex deployment. Calls block, which suits virtual threads; any number of threads may share a
 * client. Failed calls are repeated only where that is safe: see {@link CallOptions}.
 *
 * <pre>{@code
 * try (ConvexClient client = ConvexClient.builder(URI.create("https://happy-animal-123.convex.cloud"))
 *         .deployKey(new DeployKey(System.getenv("CONVEX_DEPLOY_KEY")))
 *         .build()) {
 *     FunctionResult result = client.query(FunctionPath.of("messages", "list"), ConvexObject.EMPTY, CallOptions.DEFAULT);
 * }
 * }</pre>
 */
public final class ConvexClient implements AutoCloseable {

    private static final int STATUS_OK = 200;
    /** What some servers answer for a failed function instead of 200; the envelope is the same. */
    private static final int STATUS_FUNCTION_FAILED = 560;

    private final URI url;
    private final HttpTransport transport;

    private ConvexClient(Builder builder) {
        this.url = builder.url;
        this.transport = new HttpTransport(builder.url, builder.key, builder.clientName, builder.maxConnections);
    }

    /** For the deployment at {@code url}, such as {@code https://happy-animal-123.convex.cloud}. */
    public static Builder builder(URI url) {
        return new Builder(url);
    }

    public URI url() {
        return url;
    }

    /** Runs a query. It is repeated after any failure that may pass. Throws {@link ConvexException}. */
    public FunctionResult query(FunctionPath function, ConvexObject args, CallOptions options) {
        return call("/api/query", null, function, args, options.asRepeatable());
    }

    /**
     * Runs a mutation. After an unknown outcome it is repeated only if the options say that this is harmless. Throws
     * {@link ConvexException}.
     */
    public FunctionResult mutation(FunctionPath function, ConvexObject args, CallOptions options) {
        return call("/api/mutation", null, function, args, options);
    }

    /** Runs an action; as {@link #mutation}. */
    public FunctionResult action(FunctionPath function, ConvexObject args, CallOptions options) {
        return call("/api/action", null, function, args, options);
    }

    /**
     * Runs a function of any kind in the component at {@code componentPath}, such as {@code parent/child}; empty is the app
     * itself. Needs a deploy key. Repeated as a mutation is. Throws {@link ConvexException}.
     */
    public FunctionResult function(String componentPath, FunctionPath function, ConvexObject args,
            CallOptions options) {
        return call("/api/function", componentPath, function, args, options);
    }

    private FunctionResult call(String route, @Nullable String componentPath, FunctionPath function, ConvexObject args,
            CallOptions options) {
        byte[] body = body(componentPath, function, args);
        String name = "The call of '" + function + "'";
        return repeat(options, (category, delay) -> options.listener().onRetry(function, category, delay), () -> {
            long begin = System.nanoTime();
            Answer answer = transport.send(name, "POST", route, body, options.timeout(), options.stop());
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            FunctionResult result = result(name, answer);
            options.listener().onAnswer(function, took);
            return result;
        });
    }

    private interface Hears {

        void onRetry(FailureCategory category, Duration delay);
    }

    private static <T> T repeat(CallOptions options, Hears hears, Supplier<T> attempted) {
        long start = System.nanoTime();
        for (int attempt = 1;; attempt++) {
            try {
                return attempted.get();
            } catch (ConvexException failure) {
                Duration delay = options.retry().delayAfter(attempt);
                Duration spent = Duration.ofNanos(System.nanoTime() - start);
                if (!options.mayRepeat(failure.category())
                        || spent.plus(delay).compareTo(options.retry().giveUpAfter()) > 0) {
                    throw failure;
                }
                hears.onRetry(failure.category(), delay);
                if (options.stop().await(delay)) {
                    throw failure;
                }
            }
        }
    }

    private static byte[] body(@Nullable String componentPath, FunctionPath function, ConvexObject args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        try (JsonGenerator json = ConvexJson.generator(out)) {
            json.writeStartObject();
            if (componentPath != null) {
                json.writeName("componentPath");
                json.writeString(componentPath);
            }
            json.writeName("path");
            json.writeString(function.value());
            json.writeName("format");
            json.writeString("convex_encoded_json");
            json.writeName("args");
            ConvexJson.write(json, args);
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static FunctionResult result(String name, Answer answer) {
        if (answer.status() != STATUS_OK && answer.status() != STATUS_FUNCTION_FAILED) {
            throw refusal(name, answer);
        }
        Envelope envelope = Envelope.read(name, answer.body());
        if (envelope.value != null) {
            return new FunctionResult(envelope.value, envelope.logLines);
        }
        throw FailureClassifier.ofFunction(name, envelope.errorMessage == null ? "no message" : envelope.errorMessage,
                envelope.errorData, envelope.logLines);
    }

    private static ConvexException refusal(String name, Answer answer) {
        try {
            ConvexObject body = ConvexJson.decodeObject(answer.body());
            return FailureClassifier.ofStatus(name, answer.status(), body.optionalString("code"),
                    body.optionalString("message"));
        } catch (InvalidValueException _) {
            return FailureClassifier.ofStatus(name, answer.status(), null, null);
        }
    }

    /**
     * Gets what {@code path} answers, such as {@code /version}. Repeated after any failure that may pass. Throws
     * {@link ConvexException}.
     */
    public byte[] get(String path, CallOptions options) {
        return send("GET", path, null, options.asRepeatable());
    }

    /**
     * Sends JSON to a route that is no function's, such as {@code /api/list_snapshot}, and returns what it answers. Repeated as
     * a mutation is. Throws {@link ConvexException}.
     *
     * @param json the body; empty for none
     */
    public byte[] post(String path, byte[] json, CallOptions options) {
        return send("POST", path, json, options);
    }

    /** As {@link #post}, with a body that is no JSON but plain bytes, such as a piece of a file. */
    public byte[] upload(String path, byte[] content, CallOptions options) {
        return send("POST", path, content, ContentType.APPLICATION_OCTET_STREAM, options);
    }

    private byte[] send(String method, String path, byte @Nullable [] json, CallOptions options) {
        return send(method, path, json, ContentType.APPLICATION_JSON, options);
    }

    private byte[] send(String method, String path, byte @Nullable [] content, ContentType type, CallOptions options) {
        // what follows a path may be a token
        String name = method + " " + (path.contains("?") ? path.substring(0, path.indexOf('?')) : path);
        return repeat(options, (_, _) -> {}, () -> {
            Answer answer = transport.send(name, method, path, content, type, options.timeout(), options.stop());
            if (answer.status() != STATUS_OK) {
                throw refusal(name, answer);
            }
            return answer.body();
        });
    }

    /**
     * Writes what {@code path} answers to {@code out}, however long it is. Tried once: what was written before a failure can't
     * be taken back. Throws {@link ConvexException}; {@code out} stays open.
     *
     * @param options whose timeout is how long the server may be silent
     */
    public void download(String path, OutputStream out, CallOptions options) {
        String name = "GET " + path;
        Answer refusal = transport.download(name, path, out, options.timeout(), options.stop());
        if (refusal.status() != STATUS_OK) {
            throw refusal(name, refusal);
        }
    }

    /** Closes the connections; calls in flight fail. */
    @Override
    public void close() {
        transport.close();
    }

    /** The envelope around what a function returned or threw. */
    private static final class Envelope {

        private @Nullable ConvexValue value;
        private @Nullable String errorMessage;
        private @Nullable ConvexValue errorData;
        private final List<String> logLines = new ArrayList<>();

        static Envelope read(String name, byte[] body) {
            Envelope envelope = new Envelope();
            String status = null;
            try (JsonParser json = ConvexJson.parser(body)) {
                if (json.nextToken() == JsonToken.START_OBJECT) {
                    while (json.nextToken() != JsonToken.END_OBJECT) {
                        String field = json.currentName();
                        json.nextToken();
                        switch (field) {
                            case "status" -> status = json.getString();
                            case "value" -> envelope.value = ConvexJson.read(json);
                            case "errorMessage" -> envelope.errorMessage = json.getString();
                            case "errorData" -> envelope.errorData = ConvexJson.read(json);
                            case "logLines" -> envelope.readLogLines(json);
                            default -> json.skipChildren();
                        }
                    }
                }
            } catch (JacksonException | InvalidValueException unreadable) {
                throw new ConvexException(FailureCategory.OUTCOME_UNKNOWN,
                        name + " got an answer that is not Convex's; does the URL point to a Convex deployment?",
                        unreadable);
            }
            boolean complete = "success".equals(status) ? envelope.value != null : "error".equals(status);
            if (!complete) {
                throw new ConvexException(FailureCategory.OUTCOME_UNKNOWN,
                        name + " got an answer that is not Convex's; does the URL point to a Convex deployment?");
            }
            return envelope;
        }

        private void readLogLines(JsonParser json) {
            while (json.nextToken() != JsonToken.END_ARRAY) {
                logLines.add(json.getString());
            }
        }
    }

    /** Collects the settings of a client. */
    public static final class Builder {

        private static final int DEFAULT_MAX_CONNECTIONS = 64;

        private final URI url;
        private @Nullable DeployKey key;
        private String clientName = "java-0.1.0";
        private int maxConnections = DEFAULT_MAX_CONNECTIONS;

        private Builder(URI url) {
            this.url = url;
        }

        /** The key for internal functions and admin routes; without one only public functions can be called. */
        public Builder deployKey(DeployKey deployKey) {
            this.key = deployKey;
            return this;
        }

        /** What the deployment's logs call this client: a name, a dash, a version. {@code java-0.1.0} by default. */
        public Builder clientName(String name) {
            this.clientName = name;
            return this;
        }

        /** How many connections to hold at once, {@value #DEFAULT_MAX_CONNECTIONS} by default; further calls wait. */
        public Builder maxConnections(int connections) {
            this.maxConnections = connections;
            return this;
        }

        /** Connects to nothing yet. Throws {@link IllegalArgumentException} naming every setting that is wrong. */
        public ConvexClient build() {
            List<String> problems = new ArrayList<>();
            if (!("http".equals(url.getScheme()) || "https".equals(url.getScheme())) || url.getHost() == null
                    || url.getQuery() != null || url.getUserInfo() != null) {
                problems.add(
                        "'%s' is not a deployment's URL such as https://happy-animal-123.convex.cloud".formatted(url));
            }
            if (!clientName.matches("[A-Za-z-]+-\\d+\\.\\d+\\.\\d+\\S*")) {
                problems.add("the client name '%s' is not of the form 'name-1.2.3'".formatted(clientName));
            }
            if (maxConnections < 1) {
                problems.add("'maxConnections' is %d and must be 1 or more".formatted(maxConnections));
            }
            if (!problems.isEmpty()) {
                throw new IllegalArgumentException(String.join("; ", problems));
            }
            return new ConvexClient(this);
        }
    }
}
