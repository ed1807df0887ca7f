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
package dev.convexbackfill.readerswriters.transform;

import dev.convexbackfill.config.plan.Code;
import dev.convexbackfill.config.plan.InvalidCodeException;
import dev.convexbackfill.config.plan.TransformSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** Runs the JavaScript that plans name. Thread-safe. */
public interface JavaScriptEngine extends AutoCloseable {

    /** Starts engines; found by {@link java.util.ServiceLoader}. */
    interface Provider {

        JavaScriptEngine start(Limits limits);
    }

    /**
     * What one document may take.
     *
     * @param time   of the processor
     * @param memory bytes allocated in all, most of which is garbage soon
     */
    record Limits(Duration time, long memory) {

        /** Far above what is needed to transform a document, though JavaScript is interpreted. */
        public static final Limits DEFAULT = new Limits(Duration.ofSeconds(2), 256L << 20);
    }

    /**
     * Reads a file, bundles it if that is needed, and makes sure that it has the function. Throws {@link InvalidCodeException}
     * if not.
     *
     * @param folder that {@code file} is relative to
     */
    Code read(Path folder, String file, String function);

    /**
     * Makes a step of a function. The engine must stay open as long as the step.
     *
     * @param now what the function takes for the present time
     */
    ChunkTransform open(TransformSpec.JavaScript script, Instant now);

    @Override
    void close();
}
