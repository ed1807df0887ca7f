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

import dev.convexbackfill.testsupport.JavaProcess;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Commands in processes of their own, with a repository in {@code folder} unless the environment says otherwise. */
record CommandProcess(Path folder, Map<String, String> environment) {

    private static final long PATIENCE_SECONDS = 600;

    /** What a command that has ended printed, and its exit code. */
    record Ended(int exitCode, String output) {}

    CommandProcess(Path folder) {
        this(folder, Map.of());
    }

    CommandProcess with(String variable, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(variable, value);
        return new CommandProcess(folder, more);
    }

    JavaProcess start(String... args) {
        Map<String, String> all = new HashMap<>(environment);
        all.putIfAbsent("BACKFILL_REPOSITORY_URL", "jdbc:h2:file:" + folder.resolve("repository"));
        return JavaProcess.start(Backfill.class, List.of("-Dbackfill.log.file=" + folder.resolve("backfill.log")), all,
                args);
    }

    Ended run(String... args) {
        try (JavaProcess process = start(args)) {
            int exitCode = process.awaitExit(PATIENCE_SECONDS);
            return new Ended(exitCode, String.join("\n", process.output()));
        }
    }
}
