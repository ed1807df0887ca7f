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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.partitioner.dispatch.ProcessName;
import dev.convexbackfill.partitioner.dispatch.TaskId;
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import dev.convexbackfill.partitioner.dispatch.TaskStore.TaskRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Has a process in the background execute a run that the repository knows, and says whether it does. */
final class DetachedRun {

    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    /** Above what starting takes on a busy machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String run;
    private final RepositoryOptions repository;
    private final Output output;

    private DetachedRun(String run, RepositoryOptions repository, Output output) {
        this.run = run;
        this.repository = repository;
        this.output = output;
    }

    /**
     * Returns the exit code once the process executes the run, or has ended. The repository must not be open in this process:
     * whoever opens an H2 file first serves it to the others, and this process is about to end.
     *
     * @param options for {@code resume}, besides those for the deployment and the repository
     */
    static int launch(String run, List<String> options, DeploymentOptions deployment, RepositoryOptions repository,
            Output output) {
        List<String> args = new ArrayList<>(List.of("resume", run));
        args.addAll(options);
        args.addAll(deployment.args());
        Path file = DetachOption.outputOf(run);
        try {
            return new DetachedRun(run, repository, output)
                    .follow(BackgroundProcess.start(args, repository.environment(), file));
        } catch (IOException failed) {
            throw new UncheckedIOException(
                    "No process could be started in the background: %s; go on with ./backfill resume %s"
                            .formatted(failed.getMessage(), run),
                    failed);
        }
    }

    private int follow(BackgroundProcess process) {
        StopSignal asked = StopSignal.never();
        boolean isTaken = false;
        try (Signals _ = Signals.onStop(asked::give)) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!isTaken && process.isAlive() && System.nanoTime() < deadline && !asked.await(LOOK_EVERY)) {
                isTaken = repository.isOpen() && isTaken(process.pid());
            }
        }
        if (isTaken) {
            output.say(("Process %d executes run '%s' in the background; what it prints is in %s\n"
                    + "Look on with: ./backfill status %s --watch\nStop it with: ./backfill stop %s")
                    .formatted(process.pid(), run, process.output(), run, run));
            return result(process, null, ExitCode.COMPLETED);
        }
        if (!process.isAlive()) {
            output.say(
                    "The process in the background has ended with exit code %d. It said:\n\n%s\n\nSee: ./backfill status %s"
                            .formatted(process.exitCode(), process.words().indent(2).stripTrailing(), run));
            return result(process, process.exitCode(), process.exitCode());
        }
        output.say(
                ("Process %d in the background does not execute run '%s' yet, but goes on trying; what it prints is in %s\n"
                        + "See: ./backfill status %s").formatted(process.pid(), run, process.output(), run));
        return result(process, null, ExitCode.FAILED);
    }

    private boolean isTaken(long pid) {
        try {
            return repository.ask(stores -> stores.tasks().find(TaskQueue.RUNS, TaskId.ofRun(run))
                    .map(TaskRow::holder)
                    .flatMap(ProcessName::parse)
                    .filter(holder -> holder.pid() == pid)
                    .isPresent(), false);
        } catch (RefusedException _) {
            // it can't be reached for a moment, or the process is just closing it
            return false;
        }
    }

    private int result(BackgroundProcess process, @Nullable Integer exitCode, int ours) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        result.put("run", run);
        result.put("pid", process.pid());
        result.put("output", process.output().toAbsolutePath().toString());
        if (exitCode != null) {
            result.put("exitCode", exitCode);
        }
        output.result(result);
        return ours;
    }
}
