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
package dev.convexbackfill.local.app;

import java.nio.file.Path;

/** Runs the JavaScript of apps. Thread-safe. Closing it ends what runs. */
public interface FunctionEngine extends AutoCloseable {

    /** Starts engines; found by {@link java.util.ServiceLoader}. */
    interface Provider {

        FunctionEngine start(EngineSettings settings);
    }

    /**
     * Bundles the app in {@code folder}, or in its {@code convex/} folder, as Convex's command line does, and loads it.
     * Writes nothing there. Throws {@link AppRefusedException} for what Convex refuses, and if Node or esbuild is missing.
     */
    App load(Path folder);

    /** Loads modules that are bundled. Throws {@link AppRefusedException} if one can't be loaded. */
    App load(AppModules modules);

    @Override
    void close();
}
