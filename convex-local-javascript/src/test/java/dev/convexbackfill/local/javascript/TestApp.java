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
package dev.convexbackfill.local.javascript;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.app.App;
import dev.convexbackfill.local.app.AppModules;
import dev.convexbackfill.local.app.EngineSettings;
import dev.convexbackfill.local.app.FunctionEngine;
import dev.convexbackfill.local.app.FunctionEngines;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A deployment with the modules of the test resources, called over HTTP. */
final class TestApp implements AutoCloseable {

    private static final String KEY = "local|0123456789abcdef";

    private final HttpClient http = HttpClient.newHttpClient();
    private final FunctionEngine engine;
    private final App app;
    private final LocalDeployment deployment;

    TestApp(EngineSettings settings, String... modules) {
        this.engine = FunctionEngines.start(TestApp.class, settings);
        this.app = engine.load(modules(modules));
        this.deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY)).functions(app.functions()).start();
    }

    static AppModules modules(String... names) {
        Map<String, String> sources = new HashMap<>(Map.of("_deps/functions.js", source("_deps/functions.js")));
        for (String name : names) {
            sources.put(name + ".js", source(name + ".js"));
        }
        return AppModules.of(sources);
    }

    private static String source(String path) {
        try (InputStream source = TestApp.class.getResourceAsStream("modules/" + path)) {
            return new String(source.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    App app() {
        return app;
    }

    LocalDeployment deployment() {
        return deployment;
    }

    /** The whole answer, to any function. */
    ConvexObject call(String path, String args) {
        return post("/api/function",
                "{\"path\":\"%s\",\"format\":\"convex_encoded_json\",\"args\":%s}".formatted(path, args));
    }

    ConvexObject post(String route, String body) {
        HttpRequest request = HttpRequest.newBuilder(deployment.url().resolve(route))
                .header("Authorization", "Convex " + KEY).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)).build();
        try {
            return ConvexJson.decodeObject(http.send(request, BodyHandlers.ofByteArray()).body());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** The result, as JSON; fails if the function does. */
    ConvexValue result(String path, String args) {
        ConvexObject answer = call(path, args);
        if (!answer.string("status").equals("success")) {
            throw new AssertionError(answer.toString());
        }
        return answer.require("value");
    }

    String json(String path, String args) {
        return ConvexJson.encodeToString(result(path, args));
    }

    /** The message of a function that fails, without the line about the request. */
    String failure(String path, String args) {
        ConvexObject answer = call(path, args);
        if (!answer.string("status").equals("error")) {
            throw new AssertionError(answer.toString());
        }
        String message = answer.string("errorMessage");
        return message.substring(message.indexOf('\n') + 1);
    }

    List<String> logLines(String path, String args) {
        return ((ConvexArray) call(path, args).require("logLines")).values().stream()
                .map(line -> ((ConvexString) line).value()).toList();
    }

    @Override
    public void close() {
        deployment.close();
        app.close();
        engine.close();
    }
}
