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
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.snapshot.ImportFormat;
import dev.convexbackfill.local.snapshot.ImportMode;
import dev.convexbackfill.local.snapshot.ImportRequest;
import dev.convexbackfill.local.snapshot.Snapshots;
import dev.convexbackfill.local.store.ImportRefusedException;
import dev.convexbackfill.local.store.InvalidOperationException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The routes that import files. Source: {@code snapshot_import.rs} of the Convex backend. */
final class ImportRoutes implements Routes {

    private static final int MAX_PARTS = 10_000;

    private final Snapshots snapshots;

    ImportRoutes(Snapshots snapshots) {
        this.snapshots = snapshots;
    }

    @Override
    public @Nullable Answer answer(ApiRequest request) throws IOException {
        try {
            return route(request);
        } catch (ImportRefusedException refused) {
            throw RequestRefusedException.of(refused);
        } catch (InvalidValueException invalid) {
            throw RequestRefusedException.badBody(String.valueOf(invalid.getMessage()));
        } catch (InvalidOperationException refused) {
            throw new RequestRefusedException(400, "InvalidTableName", String.valueOf(refused.getMessage()));
        }
    }

    private @Nullable Answer route(ApiRequest request) throws IOException {
        switch (request.route()) {
            case "POST /api/import" -> {
                request.requireAdmin();
                ImportRequest wanted = wanted(required(request, "format"), request.parameter("mode"),
                        request.parameter("tableName"), request.parameter("componentPath"));
                try (InputStream in = request.bodyStream()) {
                    return Answer.json("{\"numWritten\":%d}".formatted(snapshots.importNow(wanted, in)));
                }
            }
            case "POST /api/import/start_upload" -> {
                request.requireAdmin();
                return object("uploadToken", ConvexValue.of(snapshots.startUpload()));
            }
            case "POST /api/import/upload_part" -> {
                request.requireAdmin();
                return uploadPart(request);
            }
            case "POST /api/import/finish_upload" -> {
                request.requireAdmin();
                return finishUpload(request.jsonObject());
            }
            case "POST /api/perform_import" -> {
                request.requireAdmin();
                snapshots.performImport(importId(request.jsonObject()));
                return Answer.empty();
            }
            case "POST /api/cancel_import" -> {
                request.requireAdmin();
                snapshots.cancelImport(importId(request.jsonObject()));
                return Answer.empty();
            }
            case "PUT /api/streaming_import/clear_tables" -> {
                request.requireAdmin();
                snapshots.clearTables(strings(request.jsonObject(), "tableNames"));
                return Answer.empty();
            }
            default -> {
                return null;
            }
        }
    }

    private Answer uploadPart(ApiRequest request) throws IOException {
        int number;
        try {
            number = Integer.parseInt(required(request, "partNumber"));
        } catch (NumberFormatException _) {
            number = 0;
        }
        if (number < 1 || number > MAX_PARTS) {
            throw new RequestRefusedException(400, "BadQueryArgs", "`partNumber` must be 1 to 10000");
        }
        try (InputStream in = request.bodyStream()) {
            String part = snapshots.uploadPart(required(request, "uploadToken"), number, in);
            return Answer.json(ConvexJson.encode(ConvexValue.of(part)));
        }
    }

    private Answer finishUpload(ConvexObject body) throws IOException {
        ConvexObject wanted = body.object("import");
        return object("importId", ConvexValue.of(snapshots.finishUpload(body.string("uploadToken"),
                strings(body, "partTokens"),
                wanted(wanted.string("format"), wanted.optionalString("mode"), wanted.optionalString("tableName"),
                        wanted.optionalString("componentPath")))));
    }

    private static ImportRequest wanted(String format, @Nullable String mode, @Nullable String table,
            @Nullable String component) {
        if (component != null && !component.isEmpty()) {
            throw new ImportRefusedException("InvalidComponentPath",
                    "There is no component '%s'; a local deployment has none".formatted(component));
        }
        return new ImportRequest(ImportFormat.parse(format),
                mode == null ? ImportMode.REQUIRE_EMPTY : ImportMode.parse(mode), table);
    }

    private static String required(ApiRequest request, String name) {
        String value = request.parameter(name);
        if (value == null) {
            throw new RequestRefusedException(400, "BadQueryArgs", "missing field `%s`".formatted(name));
        }
        return value;
    }

    private static String importId(ConvexObject body) {
        String id = body.string("importId");
        if (!DocumentId.isValid(id)) {
            throw new RequestRefusedException(400, "InvalidImport", "invalid import id " + id);
        }
        return id;
    }

    private static List<String> strings(ConvexObject body, String field) {
        return body.array(field).values().stream().map(element -> {
            if (element instanceof ConvexString(String text)) {
                return text;
            }
            throw new InvalidValueException("`%s` must hold strings".formatted(field));
        }).toList();
    }

    private static Answer object(String field, ConvexValue value) {
        return Answer.json(ConvexJson.encode(ConvexObject.of(field, value)));
    }
}
