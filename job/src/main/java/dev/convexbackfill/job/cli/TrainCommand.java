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

import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "train", hidden = true, description = "Load what commands need to start, for the virtual machine to remember.")
final class TrainCommand implements Callable<Integer> {

    @Parameters(paramLabel = "DIR", description = "An empty folder for a repository.")
    private @Nullable Path folder;

    @Override
    public Integer call() {
        RepositoryLocation location = RepositoryLocation.inFolder(requireNonNull(folder));
        RunContext.open(location, BackfillSettings.DEFAULT).close();
        return new CommandLine(new ListCommand()).execute("--repository", location.url());
    }
}
