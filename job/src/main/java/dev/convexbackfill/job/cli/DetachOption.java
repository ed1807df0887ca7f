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

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.job.run.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Whether a command looks on while the run is executed. */
final class DetachOption {

    @Option(names = "--detach", description = "Return as soon as a process in the background executes the run. What it prints is added to"
            + " .backfill/RUN.out.")
    private boolean detach;

    boolean isGiven() {
        return detach;
    }

    /** Where the process in the background prints. */
    static Path outputOf(String run) {
        return LogFile.beside(run + ".out");
    }

    /** Throws {@link RefusedException} if it is given and a process in the background could not do its work. */
    void requirePossible(String run, DeploymentOptions deployment) {
        if (!detach) {
            return;
        }
        deployment.requireKeyForOthers();
        Path output = outputOf(run).toAbsolutePath();
        Path folder = requireNonNull(LogFile.path().toAbsolutePath().getParent());
        try {
            Files.createDirectories(folder);
        } catch (IOException _) {
            // what follows tells
        }
        if (!Files.isDirectory(folder) || !Files.isWritable(Files.exists(output) ? output : folder)) {
            throw new RefusedException(
                    ("A process in the background prints to '%s', which can't be written. Begin in another folder, or"
                            + " correct the rights.").formatted(output));
        }
    }
}
