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

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where plugins in Java are. */
final class PluginOptions {

    private static final String VARIABLE = "BACKFILL_PLUGINS";

    @Option(names = "--plugins", paramLabel = "DIR", description = "The folder with the jars of plugins in Java that the plan names. Default: $BACKFILL_PLUGINS.")
    private @Nullable Path given;

    /** Null if none is given. */
    @Nullable
    Path folder() {
        String variable = System.getenv(VARIABLE);
        return given != null ? given : variable == null || variable.isBlank() ? null : Path.of(variable);
    }

    /** What gives the same to another process. */
    List<String> args() {
        return given == null ? List.of() : List.of("--plugins", given.toAbsolutePath().toString());
    }
}
