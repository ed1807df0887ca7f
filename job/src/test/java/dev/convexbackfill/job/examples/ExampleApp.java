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
package dev.convexbackfill.job.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.job.cli.Backfill;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.app.AppDeployment;
import dev.convexbackfill.local.app.EngineSettings;
import dev.convexbackfill.local.app.FunctionEngine;
import dev.convexbackfill.local.app.FunctionEngines;
import dev.convexbackfill.local.function.BackfillFunctions;
import dev.convexbackfill.local.snapshot.ImportFormat;
import dev.convexbackfill.local.snapshot.ImportMode;
import dev.convexbackfill.testsupport.ConvexApp;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The example app in a deployment of its own: its functions, its schema and what they have seeded. */
final class ExampleApp implements AutoCloseable {

    private final Path folder;
    private final Path nothing;
    private final FunctionEngine engine;
    private final LocalDeployment deployment;
    private final AppDeployment app;
    private final ConvexClient client;

    /** {@code more} are files of the checkout that the app has besides. */
    ExampleApp(Path folder, String... more) {
        this.folder = folder;
        try {
            nothing = Files.writeString(folder.resolve("nothing.json"), "[]");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        ConvexApp files = ConvexApp.in(folder.resolve("app"), "example plans over the example app")
                .withCopy("examples/app/convex");
        for (String file : more) {
            files.withCopy(file);
        }
        engine = FunctionEngines.start(ExampleApp.class, EngineSettings.DEFAULT);
        deployment = LocalDeployment.builder().start();
        app = new AppDeployment(deployment, engine, files.folder(), BackfillFunctions.all(), _ -> {});
        app.deploy();
        client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();
    }

    /** Has the app itself fill one of its tables anew. */
    void seed(String module, int documents) {
        deployment.importFile(nothing, ImportFormat.JSON_ARRAY, ImportMode.REPLACE, module);
        client.mutation(FunctionPath.of(module, "seed"),
                ConvexObject.of("from", ConvexValue.number(0), "count", ConvexValue.number(documents)),
                CallOptions.DEFAULT);
    }

    /** All documents of a table by id, oldest first. */
    Map<String, ConvexObject> documents(String table) {
        Map<String, ConvexObject> documents = new LinkedHashMap<>();
        deployment.forEach(table, document -> documents.put(document.string("_id"), document));
        return documents;
    }

    /** Runs an example as its users would, and returns what was printed. */
    String run(String plan, int exitCode) {
        DeployKey key = deployment.adminKey();
        try (JavaProcess process = JavaProcess.start(Backfill.class,
                List.of("-Dbackfill.log.file=" + folder.resolve("backfill.log")),
                Map.of("BACKFILL_REPOSITORY_URL", "jdbc:h2:file:" + folder.resolve("repository"), "CONVEX_URL",
                        deployment.url().toString(), "CONVEX_DEPLOY_KEY", key.value()),
                "run", Repository.root().resolve("examples").resolve(plan).toString())) {
            int ended = process.awaitExit(120);
            String output = String.join("\n", process.output());
            assertThat(ended).describedAs(output).isEqualTo(exitCode);
            return output;
        }
    }

    @Override
    public void close() {
        client.close();
        app.close();
        engine.close();
        deployment.close();
    }
}
