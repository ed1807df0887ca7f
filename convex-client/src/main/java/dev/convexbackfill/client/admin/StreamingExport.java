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
package dev.convexbackfill.client.admin;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.ExportJson;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads a deployment's tables as of a time, and what became of their documents since, without calling functions. Only the
 * app's own tables are read, not those of its components. Needs a deploy key, and, in Convex's cloud, a plan with streaming
 * export. All reads are repeatable. Throws {@link ConvexException}.
 */
public final class StreamingExport {

    private final ConvexClient client;
    private final CallOptions options;

    /** Makes its calls with {@code client}, which has a deploy key. */
    public StreamingExport(ConvexClient client, CallOptions options) {
        this.client = client;
        this.options = options.asRepeatable();
    }

    /**
     * What a document became.
     *
     * @param timestamp when that was committed, in nanoseconds since 1970
     * @param document  with all fields; null if it was deleted
     */
    public record Revision(String table, String id, long timestamp, @Nullable ConvexObject document) {}

    /**
     * A page of all documents as of {@code snapshot}.
     *
     * @param snapshot nanoseconds since 1970
     * @param cursor   where to go on; null after the last page
     */
    public record SnapshotPage(List<Revision> values, long snapshot, @Nullable String cursor) {

        public SnapshotPage {
            values = List.copyOf(values);
        }
    }

    /**
     * A page of the documents of some tables, as of now for the first and as of the same time for those that follow it. A
     * deployment refuses to go on with {@code SnapshotTooOld} after some days.
     *
     * @param tables   empty for all
     * @param previous the page before; null for the first
     */
    public SnapshotPage listSnapshot(Set<String> tables, @Nullable SnapshotPage previous) {
        ConvexObject.Builder arguments = arguments(tables).put("format", "export_json");
        if (previous != null) {
            arguments.put("snapshot", ConvexValue.int64(previous.snapshot()));
            if (previous.cursor() != null) {
                arguments.put("cursor", previous.cursor());
            }
        }
        Response response = post("/api/list_snapshot", arguments.build());
        return read("/api/list_snapshot", () -> new SnapshotPage(response.values.stream().map(StreamingExport::flat)
                .toList(), int64(response.rest, "snapshot"),
                response.rest.bool("hasMore")
                        ? response.rest.string("cursor")
                        : null));
    }

    /**
     * What became of documents.
     *
     * @param cursor  up to when, in nanoseconds since 1970; where to go on
     * @param hasMore false if there was no more to tell yet
     */
    public record Deltas(List<Revision> values, long cursor, boolean hasMore) {

        public Deltas {
            values = List.copyOf(values);
        }
    }

    /**
     * What was committed after {@code cursor}, in the order of commits. Does not tell of documents that vanish because their
     * table is replaced or dropped; {@link #sync} does.
     *
     * @param tables empty for all
     * @param cursor a snapshot's time, or the last cursor
     */
    public Deltas documentDeltas(Set<String> tables, long cursor) {
        Response response = post("/api/document_deltas",
                arguments(tables).put("format", "export_json").put("cursor", ConvexValue.int64(cursor)).build());
        return read("/api/document_deltas",
                () -> new Deltas(response.values.stream().map(StreamingExport::flat).toList(),
                        int64(response.rest, "cursor"), response.rest.bool("hasMore")));
    }

    /** How far a sync is. */
    public enum SyncStatus {
        /** What was read is of no one time yet. */
        SNAPSHOTTING,
        /** What was read is as of a time that is past. */
        STALE,
        /** What was read is as of now. */
        UP_TO_DATE
    }

    /**
     * A page of a sync. A copy first drops all it has of the tables in {@code truncates}, then applies the values, where the
     * highest timestamp of a document wins.
     *
     * @param timestamp as of when the copy then is, in nanoseconds since 1970; 0 while it is snapshotting
     */
    public record SyncPage(SyncStatus status, long timestamp, Set<String> truncates, List<Revision> values,
            String cursor) {

        public SyncPage {
            truncates = Set.copyOf(truncates);
            values = List.copyOf(values);
        }
    }

    /**
     * The next page of a sync, which never ends: after UP_TO_DATE, wait a while before the next call.
     *
     * @param tables empty for all; may change from page to page
     * @param cursor of the page before; null begins
     */
    public SyncPage sync(Set<String> tables, @Nullable String cursor) {
        ConvexObject.Builder arguments = arguments(tables);
        if (cursor != null) {
            arguments.put("cursor", cursor);
        }
        String path = "/api/v1/data/sync";
        Response response = post(path, arguments.build());
        return read(path, () -> {
            ConvexObject status = response.rest.object("status");
            SyncStatus reached = switch (status.string("type")) {
                case "snapshotting" -> SyncStatus.SNAPSHOTTING;
                case "stale" -> SyncStatus.STALE;
                case "upToDate" -> SyncStatus.UP_TO_DATE;
                default -> throw new InvalidValueException("the status is none that this version knows");
            };
            Set<String> truncates = new TreeSet<>();
            response.rest.array("truncates").forEach(table -> truncates.add(((ConvexObject) table).string("table")));
            return new SyncPage(reached, reached == SyncStatus.SNAPSHOTTING ? 0 : int64(status, "snapshotTs"),
                    truncates, response.values.stream().map(StreamingExport::nested).toList(),
                    response.rest.object("pagination").string("nextCursor"));
        });
    }

    /** Exactly these tables of the app: what Convex does not understand here it takes for everything. */
    private static ConvexObject.Builder arguments(Set<String> tables) {
        ConvexObject.Builder app = ConvexObject.builder().put("_other", tables.isEmpty() ? "included" : "excluded");
        tables.forEach(table -> app.put(table, ConvexObject.of("_other", ConvexValue.of("included"))));
        return ConvexObject.builder().put("selection",
                ConvexObject.of("_other", ConvexValue.of("excluded"), "", app.build()));
    }

    private record Response(List<ConvexObject> values, ConvexObject rest) {}

    /** The values are taken one by one, because there may be more than an array of Convex can hold. */
    private Response post(String path, ConvexObject arguments) {
        byte[] body = client.post(path, ExportJson.encode(arguments), options);
        return read(path, () -> {
            List<ConvexObject> values = new ArrayList<>();
            ConvexObject.Builder rest = ConvexObject.builder();
            try (JsonParser json = ConvexJson.parser(body)) {
                if (json.nextToken() != JsonToken.START_OBJECT) {
                    throw new InvalidValueException("it is no object");
                }
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    String name = json.currentName();
                    JsonToken first = json.nextToken();
                    if (name.equals("values") && first == JsonToken.START_ARRAY) {
                        while (json.nextToken() != JsonToken.END_ARRAY) {
                            values.add((ConvexObject) ExportJson.read(json));
                        }
                    } else {
                        rest.put(name, ExportJson.read(json));
                    }
                }
            }
            return new Response(values, rest.build());
        });
    }

    private interface Reading<T> {

        T read();
    }

    private static <T> T read(String path, Reading<T> reading) {
        try {
            return reading.read();
        } catch (InvalidValueException | ClassCastException | JacksonException unexpected) {
            throw new ConvexException(FailureCategory.REQUEST_REFUSED,
                    "'%s' answered in a form that this version does not know".formatted(path), unexpected);
        }
    }

    private static long int64(ConvexObject object, String field) {
        return ((ConvexInt64) object.require(field)).value();
    }

    /** A revision whose fields lie beside those of the document. */
    private static Revision flat(ConvexObject value) {
        boolean isDeleted = value.get("_deleted") instanceof ConvexBoolean(boolean deleted) && deleted;
        ConvexObject document = value;
        for (String name : value.names()) {
            if (name.startsWith("_") && !FieldName.isSystem(name)) {
                document = document.without(name);
            }
        }
        return new Revision(value.string("_table"), value.string(FieldName.ID), int64(value, "_ts"),
                isDeleted ? null : document);
    }

    private static Revision nested(ConvexObject value) {
        ConvexObject document = value.object("value");
        return new Revision(value.string("table"), document.string(FieldName.ID), int64(value, "ts"),
                value.bool("deleted") ? null : document);
    }
}
