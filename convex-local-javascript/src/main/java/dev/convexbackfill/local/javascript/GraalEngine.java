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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.javascript.sandbox.Sandbox;
import dev.convexbackfill.javascript.sandbox.Watchdog;
import dev.convexbackfill.local.app.App;
import dev.convexbackfill.local.app.AppModules;
import dev.convexbackfill.local.app.EngineSettings;
import dev.convexbackfill.local.app.FunctionEngine;
import dev.convexbackfill.local.javascript.bundle.AppBundler;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.io.IOAccess;

/** Runs JavaScript in contexts that share what was parsed. A fence against accidents; not one for hostile code. */
final class GraalEngine implements FunctionEngine {

    /** Bounds of single allocations, which would be too late to stop when they are seen. */
    private static final int MAX_LENGTH = 64 << 20;

    private final EngineSettings settings;
    private final Sandbox sandbox = new Sandbox();
    private final List<Source> environment = List.of(Sandbox.TIME, Sandbox.TEXT, script("console.js"), Sandbox.URL,
            Sandbox.CLONE, script("web.js"), script("crypto.js"), script("runtime.js"));
    // what it imports is found beside it
    private final Source importer = Source.newBuilder("js", "(path) => import(path)", "importer.js")
            .uri(URI.create("file:///convex/importer.js")).buildLiteral();
    private final WorkerThreads threads = new WorkerThreads();
    private final Watchdog watchdog = new Watchdog();
    private final StopSignal closing = StopSignal.never();

    GraalEngine(EngineSettings settings) {
        this.settings = settings;
    }

    private static Source script(String name) {
        return Sandbox.script(GraalEngine.class, name);
    }

    @Override
    public App load(Path folder) {
        return load(new AppBundler(folder).bundle());
    }

    @Override
    public App load(AppModules modules) {
        return new AppLoader(this, modules).load();
    }

    /** A context that has loaded nothing yet. */
    Worker newWorker(Map<String, String> modules) {
        IOAccess files = IOAccess.newBuilder().fileSystem(new ModuleFileSystem(modules)).build();
        Context context = sandbox.context(files, MAX_LENGTH)
                // taken and removed by the first script of the environment
                .option("js.graal-builtin", "true")
                .option("js.unhandled-rejections", "handler")
                .build();
        return new Worker(context, environment, importer);
    }

    EngineSettings settings() {
        return settings;
    }

    WorkerThreads threads() {
        return threads;
    }

    Watchdog watchdog() {
        return watchdog;
    }

    StopSignal closing() {
        return closing;
    }

    @Override
    public void close() {
        closing.give("the engine is closing");
        threads.close();
        watchdog.close();
        sandbox.close();
    }
}
