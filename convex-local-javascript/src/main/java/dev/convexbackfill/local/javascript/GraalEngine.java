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
import dev.convexbackfill.local.app.App;
import dev.convexbackfill.local.app.AppModules;
import dev.convexbackfill.local.app.EngineSettings;
import dev.convexbackfill.local.app.FunctionEngine;
import dev.convexbackfill.local.javascript.bundle.AppBundler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.EnvironmentAccess;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.io.IOAccess;

/** Runs JavaScript in contexts that share what was parsed. A fence against accidents; not one for hostile code. */
final class GraalEngine implements FunctionEngine {

    private static final List<String> ENVIRONMENT = List.of("time.js", "text.js", "console.js", "url.js", "web.js",
            "crypto.js", "runtime.js");
    /** Bounds of single allocations, which would be too late to stop when they are seen. */
    private static final String MAX_LENGTH = Integer.toString(64 << 20);

    private final EngineSettings settings;
    private final Engine engine = Engine.newBuilder("js")
            // interpreted is what most JDKs can do: no reason to warn
            .option("engine.WarnInterpreterOnly", "false")
            .out(OutputStream.nullOutputStream())
            .err(OutputStream.nullOutputStream())
            .build();
    private final List<Source> environment = ENVIRONMENT.stream().map(GraalEngine::script).toList();
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
        try (InputStream script = GraalEngine.class.getResourceAsStream(name)) {
            if (script == null) {
                throw new IllegalStateException("The script '%s' is missing".formatted(name));
            }
            return Source.newBuilder("js", new String(script.readAllBytes(), StandardCharsets.UTF_8), name)
                    .internal(true).buildLiteral();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
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
        Context context = Context.newBuilder("js")
                .engine(engine)
                .allowExperimentalOptions(true)
                .allowHostAccess(HostAccess.NONE)
                .allowHostClassLookup(_ -> false)
                .allowPolyglotAccess(PolyglotAccess.NONE)
                .allowEnvironmentAccess(EnvironmentAccess.NONE)
                .allowCreateThread(false)
                .allowCreateProcess(false)
                .allowNativeAccess(false)
                .allowIO(IOAccess.newBuilder().fileSystem(new ModuleFileSystem(modules)).build())
                .timeZone(ZoneOffset.UTC)
                .option("js.locale", "en-US")
                .option("js.java-package-globals", "false")
                .option("js.load", "false")
                .option("js.print", "false")
                .option("js.console", "false")
                .option("js.polyglot-builtin", "false")
                // taken and removed by the first script of the environment
                .option("js.graal-builtin", "true")
                .option("js.unhandled-rejections", "handler")
                .option("js.stack-trace-api", "true")
                .option("js.string-length-limit", MAX_LENGTH)
                .option("js.max-typed-array-length", MAX_LENGTH)
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
        engine.close(true);
    }
}
