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

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a deployment says of itself. */
final class DeploymentRoutes implements Routes {

    private static final String VERSION = "convex-local";
    /** Source: the limit of {@code /echo} in the Convex backend. */
    private static final int MAX_ECHO = 128 << 20;

    private final String instanceName;

    DeploymentRoutes(String instanceName) {
        this.instanceName = instanceName;
    }

    @Override
    public @Nullable Answer answer(ApiRequest request) throws IOException {
        return switch (request.route()) {
            case "GET /" -> Answer.text("This Convex deployment is running. See https://docs.convex.dev/.");
            case "GET /version", "GET /instance_version" -> Answer.text(VERSION);
            case "GET /instance_name" -> Answer.text(instanceName);
            case "POST /echo" -> new Answer.Streamed("application/octet-stream", Map.of(),
                    SpooledBody.receive(request.bodyStream(), MAX_ECHO));
            case "GET /api/check_admin_key" -> {
                request.requireKey();
                yield Answer.json("{\"success\":true,\"allowedOps\":[],\"isReadOnly\":false}");
            }
            case "POST /api/run_test_function" -> throw new RequestRefusedException(400, "TestFunctionsUnsupported",
                    "A local deployment runs only functions that are deployed; put the query into the app and call it");
            default -> null;
        };
    }
}
