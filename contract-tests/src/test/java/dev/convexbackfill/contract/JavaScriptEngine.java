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
package dev.convexbackfill.contract;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.app.AppDeployment;
import dev.convexbackfill.local.app.EngineSettings;
import dev.convexbackfill.local.app.FunctionEngine;
import dev.convexbackfill.local.app.FunctionEngines;
import dev.convexbackfill.testsupport.ConvexApp;
import dev.convexbackfill.testsupport.NodeProject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A local deployment that runs the TypeScript. */
record JavaScriptEngine(String name) implements Engine {

    @Override
    public Served serve(Limits limits, DeployKey key, NodeProject functions) {
        Path folder = newFolder();
        ConvexApp app = ConvexApp.in(folder, "the TypeScript in a local deployment").withCopy("convex/test/app")
                .withCopy("convex/backfill.ts");
        FunctionEngine engine = FunctionEngines.start(JavaScriptEngine.class, EngineSettings.DEFAULT);
        LocalDeployment deployment = LocalDeployment.builder().adminKey(key).limits(LocalEngine.limits(limits)).start();
        AppDeployment deployed = new AppDeployment(deployment, engine, app.folder(), List.of(), System.out::println);
        deployed.deploy();
        return new Served() {
            @Override
            public URI url() {
                return deployment.url();
            }

            @Override
            public void close() {
                deployment.close();
                deployed.close();
                engine.close();
                app.delete();
            }
        };
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory("contract");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
