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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.function.FunctionRunner.Completed;
import dev.convexbackfill.local.store.Timestamps;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** What clients are sent, as JSON. Source: {@code crates/convex/sync_types/src/types/json.rs} of the Convex backend. */
final class ServerMessages {

    static final String PING = "{\"type\":\"Ping\"}";

    private ServerMessages() {}

    static String object(String type, Consumer<JsonGenerator> fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try (JsonGenerator json = ConvexJson.generator(out)) {
            json.writeStartObject();
            string(json, "type", type);
            fields.accept(json);
            json.writeEndObject();
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    static String mutationReturned(long requestId, Completed completed) {
        return object("MutationResponse", json -> {
            returned(json, requestId, completed);
            string(json, "ts", Timestamps.encode(completed.timestamp()));
            logLines(json, completed.logLines());
        });
    }

    static String mutationFailed(long requestId, FunctionFailedException failure) {
        return object("MutationResponse", json -> {
            failed(json, requestId, failure);
            string(json, "ts", null);
        });
    }

    static String actionReturned(long requestId, Completed completed) {
        return object("ActionResponse", json -> {
            returned(json, requestId, completed);
            logLines(json, completed.logLines());
        });
    }

    static String actionFailed(long requestId, FunctionFailedException failure) {
        return object("ActionResponse", json -> failed(json, requestId, failure));
    }

    private static void returned(JsonGenerator json, long requestId, Completed completed) {
        number(json, "requestId", requestId);
        json.writeName("success");
        json.writeBoolean(true);
        value(json, "result", completed.value());
    }

    private static void failed(JsonGenerator json, long requestId, FunctionFailedException failure) {
        number(json, "requestId", requestId);
        json.writeName("success");
        json.writeBoolean(false);
        string(json, "result", failure.shownMessage());
        errorData(json, failure);
        logLines(json, failure.logLines());
    }

    static String queryUpdated(long queryId, String value, List<String> logLines, @Nullable String journal) {
        return object("QueryUpdated", json -> {
            number(json, "queryId", queryId);
            json.writeName("value");
            json.writeRawValue(value);
            logLines(json, logLines);
            string(json, "journal", journal);
        });
    }

    static String queryFailed(long queryId, FunctionFailedException failure, @Nullable String journal) {
        return object("QueryFailed", json -> {
            number(json, "queryId", queryId);
            string(json, "errorMessage", failure.shownMessage());
            errorData(json, failure);
            logLines(json, failure.logLines());
            string(json, "journal", journal);
        });
    }

    static String queryRemoved(long queryId) {
        return object("QueryRemoved", json -> number(json, "queryId", queryId));
    }

    /** {@code serverTs} and its name are added when it is sent: see {@link Outbox}. */
    static String transition(StateVersion from, StateVersion to, Collection<String> modifications,
            @Nullable Long clientClockSkew) {
        return object("Transition", json -> {
            version(json, "startVersion", from);
            version(json, "endVersion", to);
            json.writeName("modifications");
            json.writeStartArray();
            modifications.forEach(json::writeRawValue);
            json.writeEndArray();
            if (clientClockSkew != null) {
                number(json, "clientClockSkew", clientClockSkew);
            }
        });
    }

    static String transitionChunk(String chunk, int partNumber, int totalParts, String transitionId) {
        return object("TransitionChunk", json -> {
            string(json, "chunk", chunk);
            number(json, "partNumber", partNumber);
            number(json, "totalParts", totalParts);
            string(json, "transitionId", transitionId);
        });
    }

    static String fatalError(String error) {
        return object("FatalError", json -> string(json, "error", error));
    }

    static String authError(String error, long baseVersion) {
        return object("AuthError", json -> {
            string(json, "error", error);
            number(json, "baseVersion", baseVersion);
            json.writeName("authUpdateAttempted");
            json.writeBoolean(true);
        });
    }

    private static void version(JsonGenerator json, String name, StateVersion version) {
        json.writeName(name);
        json.writeStartObject();
        number(json, "querySet", version.querySet());
        number(json, "identity", version.identity());
        string(json, "ts", Timestamps.encode(version.timestamp()));
        json.writeEndObject();
    }

    /** Left out where there is none: clients take null for data. */
    private static void errorData(JsonGenerator json, FunctionFailedException failure) {
        ConvexValue data = failure.data();
        if (data != null) {
            value(json, "errorData", data);
        }
    }

    private static void value(JsonGenerator json, String name, ConvexValue value) {
        json.writeName(name);
        ConvexJson.write(json, value);
    }

    /** Always there: clients go through it without asking. */
    private static void logLines(JsonGenerator json, List<String> lines) {
        json.writeName("logLines");
        json.writeStartArray();
        lines.forEach(json::writeString);
        json.writeEndArray();
    }

    private static void number(JsonGenerator json, String name, long value) {
        json.writeName(name);
        json.writeNumber(value);
    }

    private static void string(JsonGenerator json, String name, @Nullable String value) {
        json.writeName(name);
        if (value == null) {
            json.writeNull();
        } else {
            json.writeString(value);
        }
    }
}
