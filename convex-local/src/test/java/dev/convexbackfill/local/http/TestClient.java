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

import dev.convexbackfill.local.LocalDeployment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Sends requests to a deployment. */
final class TestClient implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private final LocalDeployment deployment;

    TestClient(LocalDeployment deployment) {
        this.deployment = deployment;
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(deployment.url() + path)).timeout(Duration.ofSeconds(60));
    }

    HttpRequest.Builder asAdmin(String path) {
        return to(path).header("Authorization", "Convex " + deployment.adminKey().value());
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    HttpResponse<String> post(HttpRequest.Builder to, String json) {
        return send(to.header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    /** Calls a function without arguments; {@code kind} as in {@code mutation}. */
    HttpResponse<String> call(String kind, String path) {
        return post(to("/api/" + kind), "{\"path\":\"%s\",\"args\":{}}".formatted(path));
    }

    @Override
    public void close() {
        http.close();
    }
}
