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
package dev.convexbackfill.job.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads and calls a deployment over HTTP, with the JDK's client and another JSON library than the job. Thread-safe. */
final class DeploymentReader {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int PAGE = 2000;

    private final URI url;
    private final String key;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    DeploymentReader(URI url, String key) {
        this.url = url;
        this.key = key;
    }

    /** Shows every document of a table to {@code visitor}, oldest first. */
    void forEach(String table, Consumer<JsonNode> visitor) {
        String cursor = null;
        boolean done = false;
        while (!done) {
            JsonNode page = call("query", "_system/cli/tableData",
                    Map.of("table", table, "order", "asc", "paginationOpts",
                            options(cursor)));
            page.get("page").forEach(visitor);
            done = page.get("isDone").asBoolean();
            cursor = page.get("continueCursor").asString();
        }
    }

    /** How many documents a table has. */
    int count(String table) {
        int[] count = {0};
        forEach(table, _ -> count[0]++);
        return count[0];
    }

    private static Map<String, @Nullable Object> options(@Nullable String cursor) {
        Map<String, @Nullable Object> options = new java.util.HashMap<>();
        options.put("numItems", PAGE);
        options.put("cursor", cursor);
        return options;
    }

    /** Calls a function and returns its value. Throws {@link UncheckedIOException} for any answer but success. */
    JsonNode call(String kind, String path, Map<String, ?> args) {
        String body = JSON.writeValueAsString(Map.of("path", path, "format", "convex_encoded_json", "args", args));
        JsonNode answer = send("POST", "/api/" + kind, body);
        if (!answer.path("status").asString("").equals("success")) {
            throw new UncheckedIOException(new IOException("%s answered %s".formatted(path, answer)));
        }
        return answer.get("value");
    }

    /** Sets what goes wrong from now on. */
    void setFaults(Map<String, ?> faults) {
        send("PUT", "/local/faults", JSON.writeValueAsString(faults));
    }

    private JsonNode send(String method, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(url.resolve(path))
                .header("Authorization", "Convex " + key)
                .header("Content-Type", "application/json")
                .timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return response.body().isEmpty() ? JSON.nullNode() : JSON.readTree(response.body());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
