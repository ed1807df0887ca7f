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
package dev.convexbackfill.javascript.transform;

import dev.convexbackfill.config.plan.Code;
import dev.convexbackfill.config.plan.TransformSpec.JavaScript;
import dev.convexbackfill.javascript.sandbox.Sandbox;
import dev.convexbackfill.javascript.sandbox.Watchdog;
import dev.convexbackfill.readerswriters.transform.ChunkTransform;
import dev.convexbackfill.readerswriters.transform.JavaScriptEngine;
import java.nio.file.Path;
import java.time.Instant;

/** Runs functions of plans in contexts that share what was parsed. */
final class GraalTransforms implements JavaScriptEngine {

    private final Limits limits;
    private final Sandbox sandbox = new Sandbox();
    private final Watchdog watchdog = new Watchdog();

    GraalTransforms(Limits limits) {
        this.limits = limits;
    }

    @Override
    public Code read(Path folder, String file, String function) {
        Code code = new CodeFile(folder, file).read();
        try (TransformWorker worker = worker(Script.of(new JavaScript(file, function, code)), Instant.EPOCH)) {
            worker.requireFunction();
        }
        return code;
    }

    @Override
    public ChunkTransform open(JavaScript script, Instant now) {
        Script parsed = Script.of(script);
        return new FunctionTransform(() -> worker(parsed, now));
    }

    private TransformWorker worker(Script script, Instant now) {
        return new TransformWorker(script.label(), limits, watchdog, () -> new TransformContext(sandbox, script, now));
    }

    @Override
    public void close() {
        watchdog.close();
        sandbox.close();
    }
}
