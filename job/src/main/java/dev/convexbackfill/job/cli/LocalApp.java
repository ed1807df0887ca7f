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
package dev.convexbackfill.job.cli;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.app.AppDeployment;
import dev.convexbackfill.local.app.AppRefusedException;
import dev.convexbackfill.local.app.EngineSettings;
import dev.convexbackfill.local.app.FunctionEngine;
import dev.convexbackfill.local.app.FunctionEngines;
import dev.convexbackfill.local.function.BackfillFunctions;
import dev.convexbackfill.local.function.FunctionDefinition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The app of a folder in a local deployment, and the thread that waits for its files to change. */
final class LocalApp implements AutoCloseable {

    private final FunctionEngine engine;
    private final AppDeployment app;

    private LocalApp(FunctionEngine engine, AppDeployment app) {
        this.engine = engine;
        this.app = app;
    }

    /**
     * Deploys the app in {@code folder}, and again on every change until {@code stop} is given. Throws
     * {@link RefusedException} if there is no app that can be deployed, or nothing to run it with.
     *
     * @param also functions that stay beside it, with those of convex-backfill
     */
    static LocalApp deploy(LocalDeployment deployment, Path folder, List<FunctionDefinition> also, Output output,
            StopSignal stop) {
        List<FunctionDefinition> builtIn = new ArrayList<>(BackfillFunctions.all());
        builtIn.addAll(also);
        try {
            FunctionEngine engine = FunctionEngines.start(LocalApp.class, EngineSettings.DEFAULT);
            try {
                AppDeployment app = new AppDeployment(deployment, engine, folder, builtIn, output::say);
                app.deploy();
                Thread.ofVirtual().name("app-watch").start(() -> app.watch(stop));
                return new LocalApp(engine, app);
            } catch (RuntimeException refused) {
                engine.close();
                throw refused;
            }
        } catch (AppRefusedException refused) {
            throw new RefusedException(String.valueOf(refused.getMessage()), refused);
        }
    }

    @Override
    public void close() {
        app.close();
        engine.close();
    }
}
