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

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.local.store.Timestamps;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A websocket on which tests say what they want, and see every message that comes. */
final class RawClient implements AutoCloseable {

    static final String SESSION = UUID.randomUUID().toString();

    private static final String CLOSED = "closed ";

    private final HttpClient http = HttpClient.newHttpClient();
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final WebSocket socket;

    RawClient(URI deployment) {
        this(deployment, "/api/1.48.0/sync");
    }

    RawClient(URI deployment, String path) {
        this.socket = http.newWebSocketBuilder()
                .buildAsync(URI.create(deployment.toString().replaceFirst("http", "ws") + path), new Listener())
                .join();
    }

    private final class Listener implements WebSocket.Listener {

        private final StringBuilder message = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            message.append(part);
            if (last) {
                received.add(message.toString());
                message.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            received.add(CLOSED + code + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            received.add(CLOSED + "without a word");
        }
    }

    RawClient send(String json) {
        socket.sendText(json, true).join();
        return this;
    }

    RawClient connect() {
        return connect(SESSION, 0);
    }

    RawClient connect(String session, int count) {
        return send(
                """
                        {"type":"Connect","sessionId":"%s","connectionCount":%d,"lastCloseReason":"InitialConnect","clientTs":%d}"""
                        .formatted(session, count, System.currentTimeMillis()));
    }

    RawClient authenticate(int baseVersion, String key) {
        return send("""
                {"type":"Authenticate","baseVersion":%d,"tokenType":"Admin","value":"%s"}""".formatted(baseVersion,
                key));
    }

    /** {@code changes} is the inside of a JSON array. */
    RawClient modify(int baseVersion, String changes) {
        return send("""
                {"type":"ModifyQuerySet","baseVersion":%d,"newVersion":%d,"modifications":[%s]}""".formatted(
                baseVersion, baseVersion + 1, changes));
    }

    static String add(int id, String path, String args) {
        return """
                {"type":"Add","queryId":%d,"udfPath":"%s","args":[%s]}""".formatted(id, path, args);
    }

    RawClient mutation(int requestId, String path, String args) {
        return send("""
                {"type":"Mutation","requestId":%d,"udfPath":"%s","args":[%s]}""".formatted(requestId, path, args));
    }

    RawClient action(int requestId, String path, String args) {
        return send("""
                {"type":"Action","requestId":%d,"udfPath":"%s","args":[%s]}""".formatted(requestId, path, args));
    }

    /** The next message, as text. */
    String nextText() {
        try {
            String next = received.poll(30, TimeUnit.SECONDS);
            assertThat(next).as("a message").isNotNull();
            return next;
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    ConvexObject next(String type) {
        String text = nextText();
        assertThat(text).startsWith("{\"type\":\"" + type + "\"");
        return ConvexJson.decodeObject(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Everything up to the first message of the type, which comes last. Fails after the first {@code Ping}: it never comes. */
    List<ConvexObject> until(String type) {
        List<ConvexObject> messages = new ArrayList<>();
        do {
            assertThat(messages).noneMatch(message -> message.string("type").equals("Ping"));
            String text = nextText();
            assertThat(text).doesNotStartWith(CLOSED);
            messages.add(ConvexJson.decodeObject(text.getBytes(StandardCharsets.UTF_8)));
        } while (!messages.getLast().string("type").equals(type));
        return messages;
    }

    /** Transitions up to the first that has modifications. */
    ConvexObject nextChange() {
        ConvexObject transition = until("Transition").getLast();
        return transition.array("modifications").size() == 0 ? nextChange() : transition;
    }

    /** The code and reason with which the server closes, which must be the next that comes. */
    String closed() {
        String text = nextText();
        assertThat(text).startsWith(CLOSED);
        return text.substring(CLOSED.length());
    }

    /** Everything until the server closes the socket. */
    String closedInTheEnd() {
        String text = nextText();
        return text.startsWith(CLOSED) ? text.substring(CLOSED.length()) : closedInTheEnd();
    }

    static long timestamp(ConvexObject transition, String version) {
        return Timestamps.decode(transition.object(version).string("ts"));
    }

    static String version(ConvexObject transition, String version) {
        ConvexObject of = transition.object(version);
        return "%d/%d".formatted(of.wholeNumber("querySet"), of.wholeNumber("identity"));
    }

    @Override
    public void close() {
        socket.abort();
        http.close();
    }
}
