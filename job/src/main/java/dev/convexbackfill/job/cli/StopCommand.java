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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.reference.ReferenceStore;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "stop", description = "Stop a run that any process executes, at the next checkpoint.")
final class StopCommand implements Callable<Integer> {

    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    @Parameters(paramLabel = "RUN", description = "The run's name.")
    private @Nullable String name;

    @Mixin
    private final RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        String run = requireNonNull(name);
        BackfillSettings settings = RepositoryOptions.settings();
        return repository.ask(stores -> stop(stores, run, settings), ExitCode.REFUSED);
    }

    private int stop(RunRepository stores, String name, BackfillSettings settings) {
        Run run = stores.runs().find(name).orElseThrow(() -> ResumeCommand.unknown(name));
        if (run.state().isAtRest() && new ReferenceStore(stores.jdbc(), stores.transactions()).requestStop(name,
                settings.lease())) {
            return stopSearch(stores, run, settings);
        }
        if (run.state().isAtRest()) {
            output.say("Run '%s' is not running: it is %s.".formatted(name, run.state()));
            return result(run, ExitCode.COMPLETED);
        }
        boolean isExecuted = Holder.of(run, stores, settings.lease()).isPresent();
        stores.runs().requestStop(name, "stopped by ./backfill stop");
        if (!isExecuted) {
            output.say("No process executes run '%s' now; it will not go on by itself. Go on with: ./backfill resume %s"
                    .formatted(name, name));
            return result(run, ExitCode.COMPLETED);
        }
        long deadline = System.nanoTime() + settings.lease().toNanos();
        while (!run.state().isAtRest() && System.nanoTime() < deadline) {
            StopSignal.never().await(LOOK_EVERY);
            run = stores.runs().find(name).orElseThrow(() -> ResumeCommand.unknown(name));
        }
        if (!run.state().isAtRest()) {
            output.say("Run '%s' was asked to stop, but its process does not answer; it stops as soon as it does."
                    .formatted(name));
            return result(run, ExitCode.FAILED);
        }
        output.say("Run '%s' is %s. Go on with: ./backfill resume %s".formatted(name, run.state(), name));
        return result(run, ExitCode.COMPLETED);
    }

    /** The run is at rest, but references to what it has put back are being looked for. */
    private int stopSearch(RunRepository stores, Run run, BackfillSettings settings) {
        ReferenceStore searches = new ReferenceStore(stores.jdbc(), stores.transactions());
        long deadline = System.nanoTime() + settings.lease().toNanos();
        boolean isHeld = true;
        while (isHeld && System.nanoTime() < deadline) {
            StopSignal.never().await(LOOK_EVERY);
            isHeld = searches.isHeld(run.name(), settings.lease());
        }
        output.say(isHeld
                ? "The search for references of '%s' was asked to stop, but its process does not answer; it stops as soon as it does."
                        .formatted(run.name())
                : "Run '%s' is %s, and the search for references that followed it has stopped. Go on with: ./backfill references %s"
                        .formatted(run.name(), run.state(), run.name()));
        return result(run, isHeld ? ExitCode.FAILED : ExitCode.COMPLETED);
    }

    private int result(Run run, int exitCode) {
        output.result(Map.of("run", run.name(), "state", run.state().name()));
        return exitCode;
    }
}
