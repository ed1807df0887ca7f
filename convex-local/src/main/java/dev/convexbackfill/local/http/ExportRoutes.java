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
import dev.convexbackfill.client.value.ExportJson;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.snapshot.Snapshots;
import dev.convexbackfill.local.snapshot.Snapshots.ExportFile;
import dev.convexbackfill.local.store.ImportRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The routes that make snapshots and hand them out. Source: {@code snapshot_export.rs} of the Convex backend. */
final class ExportRoutes implements Routes {

    private final Snapshots snapshots;
    private final String instanceName;

    ExportRoutes(Snapshots snapshots, String instanceName) {
        this.snapshots = snapshots;
        this.instanceName = instanceName;
    }

    @Override
    public @Nullable Answer answer(ApiRequest request) throws IOException {
        try {
            return route(request);
        } catch (ImportRefusedException refused) {
            throw RequestRefusedException.of(refused);
        }
    }

    private @Nullable Answer route(ApiRequest request) throws IOException {
        if (request.route().equals("POST /api/export/request/zip")) {
            request.requireAdmin();
            snapshots.requestExport("true".equals(request.parameter("includeStorage")));
            return Answer.empty();
        }
        String id = request.routeAfter("GET /api/export/zip/").orElse(null);
        if (id != null) {
            request.requireAdmin();
            return download(id);
        }
        id = request.routeAfter("POST /api/export/set_expiration/").orElse(null);
        if (id != null) {
            request.requireAdmin();
            snapshots.setExpiration(id, expiration(request));
            return Answer.empty();
        }
        id = request.routeAfter("POST /api/export/cancel/").orElse(null);
        if (id != null) {
            request.requireAdmin();
            snapshots.cancelExport(id);
            return Answer.empty();
        }
        return null;
    }

    private Answer download(String id) throws IOException {
        ExportFile file = snapshots.exportFile(id);
        return new Answer.Streamed("application/zip", Map.of(
                "Content-Length", Long.toString(Files.size(file.path())),
                // without quotes, which the command line of Convex would make part of the name
                "Content-Disposition",
                "attachment; filename=snapshot_%s_%d.zip".formatted(instanceName, file.start()),
                "Cache-Control", "private, max-age=2592000"), out -> Files.copy(file.path(), out));
    }

    private static long expiration(ApiRequest request) throws IOException {
        try {
            if (ExportJson.decodeObject(request.jsonBody())
                    .require("expirationTsNs") instanceof ConvexInt64(long nanos)) {
                return nanos;
            }
            throw RequestRefusedException.badBody("`expirationTsNs` is no whole number");
        } catch (InvalidValueException invalid) {
            throw RequestRefusedException.badBody(String.valueOf(invalid.getMessage()));
        }
    }
}
