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
import dev.convexbackfill.local.function.FunctionLog;
import dev.convexbackfill.local.function.FunctionLog.Entry;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * What functions have logged, for those who wait for it. Source: {@code crates/local_backend/src/logs.rs} of the Convex
 * backend, but an action's lines come with its end, not before.
 */
final class LogRoutes implements Routes {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    private static final double MILLIS = 1000;

    private final FunctionLog log;

    LogRoutes(FunctionLog log) {
        this.log = log;
    }

    @Override
    public @Nullable Answer answer(ApiRequest request) {
        switch (request.route()) {
            case "GET /api/stream_function_logs", "GET /api/stream_udf_execution" -> request.requireAdmin();
            default -> {
                return null;
            }
        }
        double cursor = cursor(request.parameter("cursor"));
        String client = request.header("Convex-Client");
        boolean structured = request.path().endsWith("logs") && client != null
                && (client.startsWith("npm-cli") || client.startsWith("dashboard"));
        List<Entry> entries = log.after(cursor, LONGEST_WAIT);
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        try (JsonGenerator json = ConvexJson.generator(out)) {
            json.writeStartObject();
            json.writeName("entries");
            json.writeStartArray();
            entries.forEach(entry -> write(json, entry, structured));
            json.writeEndArray();
            json.writeName("newCursor");
            json.writeNumber(entries.isEmpty() ? cursor : entries.getLast().timestamp());
            json.writeEndObject();
        }
        return Answer.json(out.toByteArray());
    }

    private static double cursor(@Nullable String text) {
        try {
            double cursor = Double.parseDouble(text == null ? "" : text);
            if (Double.isFinite(cursor)) {
                return cursor;
            }
        } catch (NumberFormatException _) {
            // answered as one that is no number
        }
        throw new RequestRefusedException(400, "BadQueryArgs", "The query needs a number as its `cursor`");
    }

    private static void write(JsonGenerator json, Entry entry, boolean structured) {
        json.writeStartObject();
        text(json, "kind", "Completion");
        text(json, "udfType", entry.kind().displayName());
        text(json, "componentPath", null);
        text(json, "identifier", entry.path());
        json.writeName("logLines");
        json.writeStartArray();
        entry.logLines().forEach(line -> writeLine(json, line, entry.timestamp(), structured));
        json.writeEndArray();
        number(json, "timestamp", entry.timestamp() / MILLIS);
        json.writeName("cachedResult");
        json.writeBoolean(false);
        text(json, "caller", entry.caller());
        UUID parent = entry.parent();
        text(json, "parentExecutionId", parent == null ? null : parent.toString());
        number(json, "executionTime", (double) entry.executionTime().toMillis() / MILLIS);
        text(json, "userExecutionTime", null);
        text(json, "success", null);
        text(json, "error", entry.error());
        text(json, "requestId", entry.requestId());
        text(json, "executionId", entry.executionId().toString());
        json.writeName("usageStats");
        writeUsage(json, entry);
        number(json, "returnBytes", entry.returnBytes());
        text(json, "occInfo", null);
        json.writeName("willRetry");
        json.writeBoolean(false);
        number(json, "executionTimestamp", entry.startedAt() / MILLIS);
        text(json, "identityType", entry.byAdmin() ? "instance_admin" : "unknown");
        text(json, "environment", "isolate");
        json.writeEndObject();
    }

    private static void writeLine(JsonGenerator json, String line, double timestamp, boolean structured) {
        if (!structured) {
            json.writeString(line);
            return;
        }
        int end = line.indexOf("] ");
        json.writeStartObject();
        json.writeName("messages");
        json.writeStartArray();
        json.writeString(line.substring(end + 2));
        json.writeEndArray();
        text(json, "level", line.substring(1, end).toUpperCase(Locale.ROOT));
        number(json, "timestamp", Math.floor(timestamp));
        json.writeName("isTruncated");
        json.writeBoolean(false);
        text(json, "systemMetadata", null);
        text(json, "componentPath", null);
        text(json, "udfPath", null);
        json.writeEndObject();
    }

    private static void writeUsage(JsonGenerator json, Entry entry) {
        json.writeStartObject();
        number(json, "databaseReadBytes", entry.bytesRead());
        number(json, "databaseWriteBytes", entry.bytesWritten());
        number(json, "databaseIoReadBytes", entry.bytesRead());
        number(json, "databaseIoWriteBytes", entry.bytesWritten());
        number(json, "databaseReadDocuments", entry.documentsRead());
        number(json, "databaseWriteDocuments", entry.documentsWritten());
        for (String none : List.of("storageReadBytes", "storageWriteBytes", "vectorIndexReadBytes",
                "vectorIndexWriteBytes", "textIndexQueryBytes", "textIndexWriteQueryBytes",
                "vectorIndexReadQueryBytes", "vectorIndexWriteQueryBytes", "networkEgressBytes", "memoryUsedMb")) {
            number(json, none, 0);
        }
        json.writeEndObject();
    }

    private static void number(JsonGenerator json, String name, double value) {
        json.writeName(name);
        json.writeNumber(value);
    }

    private static void number(JsonGenerator json, String name, long value) {
        json.writeName(name);
        json.writeNumber(value);
    }

    private static void text(JsonGenerator json, String name, @Nullable String value) {
        json.writeName(name);
        if (value == null) {
            json.writeNull();
        } else {
            json.writeString(value);
        }
    }
}
