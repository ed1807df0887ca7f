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

import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.ExportJson;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.streaming.Revision;
import dev.convexbackfill.local.streaming.Selection;
import dev.convexbackfill.local.streaming.StreamingExports;
import dev.convexbackfill.local.streaming.StreamingExports.Deltas;
import dev.convexbackfill.local.streaming.StreamingExports.SnapshotPage;
import dev.convexbackfill.local.streaming.StreamingExports.SyncPage;
import dev.convexbackfill.local.streaming.StreamingExports.SyncStatus;
import dev.convexbackfill.local.streaming.StreamingRefusedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** The routes of streaming exports. Source: {@code streaming_export.rs} of the Convex backend. */
final class StreamingExportRoutes implements Routes {

    private static final int MAX_LISTED = 100;
    private static final int LISTED = 50;

    private final StreamingExports exports;

    StreamingExportRoutes(StreamingExports exports) {
        this.exports = exports;
    }

    @Override
    public @Nullable Answer answer(ApiRequest request) throws IOException {
        try {
            return route(request);
        } catch (StreamingRefusedException refused) {
            throw new RequestRefusedException(400, refused.code(), String.valueOf(refused.getMessage()));
        } catch (InvalidValueException invalid) {
            throw RequestRefusedException.badBody(String.valueOf(invalid.getMessage()));
        }
    }

    private @Nullable Answer route(ApiRequest request) throws IOException {
        return switch (request.route()) {
            case "GET /api/test_streaming_export_connection" -> {
                request.requireAdmin();
                yield Answer.json("null");
            }
            case "GET /api/list_snapshot" -> {
                request.requireAdmin();
                yield listSnapshot(inUrl(request), whole(request, "snapshot"));
            }
            case "POST /api/list_snapshot" -> {
                request.requireAdmin();
                ConvexObject arguments = body(request);
                yield listSnapshot(arguments, whole(arguments, "snapshot"));
            }
            case "GET /api/document_deltas" -> {
                request.requireAdmin();
                yield documentDeltas(inUrl(request), whole(request, "cursor"));
            }
            case "POST /api/document_deltas" -> {
                request.requireAdmin();
                ConvexObject arguments = body(request);
                yield documentDeltas(arguments, whole(arguments, "cursor"));
            }
            case "POST /api/v1/data/sync" -> {
                request.requireAdmin();
                ConvexObject arguments = body(request);
                yield sync(exports.sync(arguments.optionalString("cursor"),
                        Selection.strict(arguments.get("selection"))));
            }
            case "GET /api/v1/data/list_active_syncs" -> {
                request.requireAdmin();
                yield activeSyncs(request);
            }
            case "POST /api/data_sync_cursor_from_deltas" -> {
                request.requireAdmin();
                ConvexObject arguments = body(request);
                Long cursor = whole(arguments, "cursor");
                if (cursor == null) {
                    throw RequestRefusedException.badBody("missing field `cursor`");
                }
                yield Answer.json(ConvexJson.encode(ConvexObject.of("cursor", ConvexValue.of(
                        exports.syncCursorFromDeltas(cursor, Selection.strict(arguments.get("selection")))))));
            }
            default -> null;
        };
    }

    /** Read so that whole numbers, which are times in nanoseconds, stay exact. */
    private static ConvexObject body(ApiRequest request) throws IOException {
        return ExportJson.decodeObject(request.jsonBody());
    }

    /** A URL can carry strings only; a selection in it is none, and is left out, which selects everything. */
    private static ConvexObject inUrl(ApiRequest request) {
        ConvexObject.Builder arguments = ConvexObject.builder();
        for (String name : List.of("cursor", "tableName", "table_name", "component", "format")) {
            String value = request.parameter(name);
            if (value != null) {
                arguments.put(name, value);
            }
        }
        return arguments.build();
    }

    private static @Nullable Long whole(ApiRequest request, String name) {
        String value = request.parameter(name);
        try {
            return value == null ? null : Long.valueOf(value);
        } catch (NumberFormatException _) {
            throw new RequestRefusedException(400, "BadQueryArgs", "`%s` is no whole number".formatted(name));
        }
    }

    private static @Nullable Long whole(ConvexObject arguments, String name) {
        return switch (arguments.get(name)) {
            case null -> null;
            case ConvexNull _ -> null;
            case ConvexInt64(long value) -> value;
            default -> throw RequestRefusedException.badBody("`%s` is no whole number".formatted(name));
        };
    }

    private static ValueFormat format(ConvexObject arguments) {
        return arguments.get("format") instanceof ConvexString(String name) ? ValueFormat.parse(name)
                : ValueFormat.CLEAN;
    }

    private Answer listSnapshot(ConvexObject arguments, @Nullable Long snapshot) {
        ValueFormat format = format(arguments);
        SnapshotPage page = exports.listSnapshot(snapshot, arguments.optionalString("cursor"),
                Selection.lenient(arguments));
        return json(json -> {
            json.writeName("values");
            json.writeStartArray();
            page.values().forEach(revision -> writeFlat(json, format, revision, false));
            json.writeEndArray();
            json.writeName("snapshot");
            json.writeNumber(page.snapshot());
            json.writeName("cursor");
            if (page.cursor() == null) {
                json.writeNull();
            } else {
                json.writeString(page.cursor());
            }
            json.writeName("hasMore");
            json.writeBoolean(page.cursor() != null);
        });
    }

    private Answer documentDeltas(ConvexObject arguments, @Nullable Long cursor) {
        if (cursor == null) {
            throw new RequestRefusedException(400, "DocumentDeltasCursorRequired",
                    "/api/document_deltas requires a cursor");
        }
        ValueFormat format = format(arguments);
        Deltas deltas = exports.documentDeltas(cursor, Selection.lenient(arguments));
        return json(json -> {
            json.writeName("values");
            json.writeStartArray();
            deltas.values().forEach(revision -> writeFlat(json, format, revision, true));
            json.writeEndArray();
            json.writeName("cursor");
            json.writeNumber(deltas.cursor());
            json.writeName("hasMore");
            json.writeBoolean(deltas.hasMore());
        });
    }

    /** The document's fields beside those that say what it is a revision of. */
    private static void writeFlat(JsonGenerator json, ValueFormat format, Revision revision, boolean withDeleted) {
        json.writeStartObject();
        writeText(json, "_component", "");
        writeText(json, "_table", revision.table());
        json.writeName("_ts");
        json.writeNumber(revision.timestamp());
        if (withDeleted) {
            json.writeName("_deleted");
            json.writeBoolean(revision.document() == null);
        }
        fields(revision).forEach((name, value) -> {
            json.writeName(name);
            format.write(json, value);
        });
        json.writeEndObject();
    }

    private static ConvexObject fields(Revision revision) {
        ConvexObject document = revision.document();
        return document == null ? ConvexObject.of("_id", ConvexValue.of(revision.id())) : document;
    }

    private static void writeText(JsonGenerator json, String name, String text) {
        json.writeName(name);
        json.writeString(text);
    }

    private static Answer sync(SyncPage page) {
        return json(json -> {
            json.writeName("status");
            json.writeStartObject();
            writeText(json, "type", switch (page.status()) {
                case SNAPSHOTTING -> "snapshotting";
                case STALE -> "stale";
                case UP_TO_DATE -> "upToDate";
            });
            if (page.status() != SyncStatus.SNAPSHOTTING) {
                json.writeName("snapshotTs");
                json.writeNumber(page.timestamp());
            }
            json.writeEndObject();
            json.writeName("truncates");
            json.writeStartArray();
            page.truncates().stream().sorted().forEach(table -> {
                json.writeStartObject();
                writeText(json, "component", "");
                writeText(json, "table", table);
                json.writeEndObject();
            });
            json.writeEndArray();
            json.writeName("values");
            json.writeStartArray();
            page.values().forEach(revision -> writeNested(json, revision));
            json.writeEndArray();
            writeText(json, "syncId", page.syncId());
            json.writeName("pagination");
            json.writeStartObject();
            json.writeName("hasMore");
            json.writeBoolean(true);
            writeText(json, "nextCursor", page.cursor());
            json.writeEndObject();
        });
    }

    private static void writeNested(JsonGenerator json, Revision revision) {
        json.writeStartObject();
        writeText(json, "component", "");
        writeText(json, "table", revision.table());
        json.writeName("ts");
        json.writeNumber(revision.timestamp());
        json.writeName("deleted");
        json.writeBoolean(revision.document() == null);
        json.writeName("value");
        ExportJson.write(json, fields(revision));
        json.writeEndObject();
    }

    private Answer activeSyncs(ApiRequest request) {
        Long limit = whole(request, "limit");
        Long from = whole(request, "cursor");
        List<ConvexObject> all = exports.activeSyncs();
        int first = (int) Math.min(from == null ? 0 : from, all.size());
        int end = (int) Math.min(first + Math.min(limit == null ? LISTED : limit, MAX_LISTED), all.size());
        return json(json -> {
            json.writeName("syncs");
            ExportJson.write(json, ConvexValue.array(all.subList(first, end)));
            json.writeName("pagination");
            json.writeStartObject();
            json.writeName("hasMore");
            json.writeBoolean(end < all.size());
            json.writeName("nextCursor");
            if (end < all.size()) {
                json.writeString(Integer.toString(end));
            } else {
                json.writeNull();
            }
            json.writeEndObject();
        });
    }

    private static Answer json(Consumer<JsonGenerator> fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
        try (JsonGenerator json = ConvexJson.generator(out)) {
            json.writeStartObject();
            fields.accept(json);
            json.writeEndObject();
        }
        return Answer.json(out.toByteArray());
    }
}
