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
package dev.convexbackfill.job.code;

import dev.convexbackfill.config.plan.Code;
import dev.convexbackfill.config.plan.CodeSource;
import dev.convexbackfill.config.plan.InvalidCodeException;
import dev.convexbackfill.config.plan.TransformSpec;
import dev.convexbackfill.local.app.OptionalJars;
import dev.convexbackfill.readerswriters.transform.ChunkTransform;
import dev.convexbackfill.readerswriters.transform.ExternalTransforms;
import dev.convexbackfill.readerswriters.transform.JavaScriptEngine;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What runs the code that plans name. Engines are loaded and started when a plan first needs them; closing ends them, and must come
 * after the transforms are closed. Thread-safe.
 */
public final class UserCode implements AutoCloseable {

    private final JavaScriptEngine.Limits limits;
    private @Nullable JavaScriptEngine javaScript;

    public UserCode() {
        this(JavaScriptEngine.Limits.DEFAULT);
    }

    /** With limits for each document in JavaScript. */
    public UserCode(JavaScriptEngine.Limits limits) {
        this.limits = limits;
    }

    /** The code of a plan that lies in {@code folder}, as it is now. */
    public CodeSource in(Path folder) {
        return (file, function) -> read(folder, file, function);
    }

    private Code read(Path folder, String file, String function) {
        try {
            return javaScript().read(folder, file, function);
        } catch (IllegalArgumentException missing) {
            throw new InvalidCodeException(String.valueOf(missing.getMessage()), missing);
        }
    }

    /**
     * The transforms of one run.
     *
     * @param now what they take for the present time: the same for a run, whenever it goes on
     */
    public ExternalTransforms at(Instant now) {
        return spec -> open(spec, now);
    }

    private ChunkTransform open(TransformSpec.External spec, Instant now) {
        return switch (spec) {
            case TransformSpec.JavaScript script -> javaScript().open(script, now);
            case TransformSpec.Java plugin -> throw new IllegalArgumentException(
                    "There is nothing that runs %s".formatted(plugin));
        };
    }

    /** Throws {@link IllegalArgumentException}, with what to do about it, if there is none. */
    private synchronized JavaScriptEngine javaScript() {
        if (javaScript == null) {
            javaScript = OptionalJars.find(JavaScriptEngine.Provider.class, UserCode.class).orElseThrow(
                    () -> new IllegalArgumentException("JavaScript needs the engine in '%s', which is not there. %s"
                            .formatted(OptionalJars.folder(UserCode.class), OptionalJars.ADVICE)))
                    .start(limits);
        }
        return javaScript;
    }

    @Override
    public synchronized void close() {
        if (javaScript != null) {
            javaScript.close();
        }
    }
}
