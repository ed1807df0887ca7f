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
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.app.AppDeployment;
import dev.convexbackfill.local.app.AppModules;
import dev.convexbackfill.local.app.EngineSettings;
import dev.convexbackfill.local.app.FunctionEngine;
import dev.convexbackfill.local.app.FunctionEngines;
import dev.convexbackfill.local.javascript.bundle.AppBundler;
import dev.convexbackfill.testsupport.ConvexApp;
import dev.convexbackfill.testsupport.NodeProject;
import dev.convexbackfill.testsupport.TestRuntime;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Not a test, but a benchmark: how many pages and chunks a second each engine makes, by the same calls over HTTP. Only the ratios
 * of one run mean something. Started by {@code build/engine-benchmark}.
 */
class EngineBenchmark {

    private static final DeployKey KEY = new DeployKey("local|0123456789abcdef");
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("benchmark.seconds", 20));
    private static final int DOCUMENTS = 2000;
    private static final int INSERTED_AT_ONCE = 500;

    @TempDir
    private Path folder;
    private final Map<String, double[]> rates = new LinkedHashMap<>();

    @Test
    void pagesAndChunksPerSecond() throws IOException {
        try (LocalDeployment twins = deployment()) {
            measure("native", twins.url(), List.of());
        }
        if (NodeProject.isNodeInstalled()) {
            Path app = ConvexApp.in(folder.resolve("app"), "the benchmark").withCopy("convex/backfill.ts").folder();
            inLocalDeployment(app);
            inNode(new AppBundler(app).bundle());
        } else {
            System.out.println(
                    "javascript, node: NOT MEASURED, because Node is not installed, which bundles the functions for both");
        }
    }

    private static LocalDeployment deployment() {
        LocalDeployment deployment = LocalDeployment.builder().adminKey(KEY).start();
        deployment.load(EngineRates.TABLE, documents().stream());
        return deployment;
    }

    private static List<ConvexObject> documents() {
        return IntStream.range(0, DOCUMENTS).mapToObj(n -> ConvexObject.builder().put("n", n)
                .put("text", "a document of the usual size; some of its text is never changed").build()).toList();
    }

    private void inLocalDeployment(Path app) {
        try (LocalDeployment deployment = deployment();
                FunctionEngine engine = FunctionEngines.start(EngineBenchmark.class, EngineSettings.DEFAULT);
                AppDeployment deployed = new AppDeployment(deployment, engine, app, List.of(), _ -> {})) {
            deployed.deploy();
            measure("javascript", deployment.url(), List.of());
        }
    }

    /** The same bundle in V8, on Convex's test runtime, whose tables are arrays that every query goes through. */
    private void inNode(AppModules bundle) throws IOException {
        Path modules = folder.resolve("bundle");
        for (Entry<String, String> module : bundle.sources().entrySet()) {
            Path file = modules.resolve(module.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, module.getValue());
        }
        Files.writeString(modules.resolve("package.json"), "{\"type\":\"module\"}");
        try (TestRuntime node = TestRuntime.serveBundle(NodeProject.in("convex", "the benchmark"), KEY.value(),
                modules.resolve("backfill.js"))) {
            measure("node", node.url(), documents());
        }
    }

    private void measure(String engine, URI url, List<ConvexObject> missing) {
        try (EngineRates server = new EngineRates(url, KEY, TIME)) {
            for (int from = 0; from < missing.size(); from += INSERTED_AT_ONCE) {
                server.insert(missing.subList(from, from + INSERTED_AT_ONCE));
            }
            double[] measured = {server.pages(), server.chunks()};
            rates.put(engine, measured);
            double[] base = rates.values().iterator().next();
            System.out.printf("%-12s %8.1f pages/s (%.3f of native)  %8.1f chunks/s (%.3f of native)%n", engine,
                    measured[0], measured[0] / base[0], measured[1], measured[1] / base[1]);
        }
    }
}
