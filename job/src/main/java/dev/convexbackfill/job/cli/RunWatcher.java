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
import dev.convexbackfill.job.progress.ProgressDisplay;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** Looks on at a run that any process executes, until it is at rest, nobody executes it any more, or the user has seen enough. */
final class RunWatcher {

    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    /** So long a connection must rest before the pool asks whether it still works. */
    private static final Duration LOOK_AGAIN_AFTER = Duration.ofSeconds(1);
    /** Between two processes that execute it, and between two attempts of one, a run has none for moments. */
    private static final Duration WITHOUT_PROCESS = Duration.ofSeconds(5);

    private final RunRepository repository;
    private final Duration lease;
    private final Output output;
    private final StopSignal asked = StopSignal.never();

    RunWatcher(RunRepository repository, Duration lease, Output output) {
        this.repository = repository;
        this.lease = lease;
        this.output = output;
    }

    /** What one look at the run has shown. */
    private record Look(RunProgress progress, boolean isExecuted) {}

    /** Returns the exit code. Ctrl-C and SIGTERM end the watching and nothing else. */
    int watch(String name) {
        try (Signals _ = Signals.onStop(asked::give);
                ProgressDisplay display = ProgressDisplay.on(output.people(), output.isTerminal(), name)) {
            Look look = look(name);
            long lastExecuted = System.nanoTime();
            while (!look.progress().run().state().isAtRest() && !asked.isGiven()
                    && System.nanoTime() - lastExecuted < WITHOUT_PROCESS.toNanos()) {
                display.show(look.progress(), look.isExecuted() ? waitingFor(name) : "no process executes it");
                asked.await(LOOK_EVERY);
                Look next = lookAgain(name);
                if (next == null) {
                    display.show(look.progress(), "the repository can't be reached");
                    asked.await(LOOK_AGAIN_AFTER);
                }
                if (next == null || next.isExecuted()) {
                    lastExecuted = System.nanoTime();
                }
                look = next == null ? look : next;
            }
            display.show(look.progress(), null);
            return end(look, display);
        }
    }

    private Look look(String name) {
        Run run = repository.runs().find(name).orElseThrow(() -> ResumeCommand.unknown(name));
        RunProgress progress = RunProgress.of(run, repository.stores());
        return new Look(progress, Holder.of(run, repository, lease).isPresent());
    }

    private @Nullable String waitingFor(String name) {
        return CanaryReport.of(repository, name).flatMap(CanaryReport::waitingFor).orElse(null);
    }

    private @Nullable Look lookAgain(String name) {
        try {
            return look(name);
        } catch (DataAccessException | TransactionException unreachable) {
            return null;
        }
    }

    private int end(Look look, ProgressDisplay display) {
        Run run = look.progress().run();
        if (run.state().isAtRest()) {
            return RunReport.end(repository, look.progress(), display, output);
        }
        display.close();
        Map<String, @Nullable Object> result = new LinkedHashMap<>(RunReport.toMap(look.progress()));
        CanaryReport.put(result, repository, run.name());
        result.put("isExecuted", look.isExecuted());
        output.result(result);
        if (asked.isGiven()) {
            output.say("\nNo longer looking on; run '%s' is left as it is. See: ./backfill status %s".formatted(
                    run.name(), run.name()));
            return ExitCode.COMPLETED;
        }
        output.say(("\nNo process executes run '%s' any more; what was applied stays applied, once."
                + " Go on where it is with: ./backfill resume %s").formatted(run.name(), run.name()));
        return ExitCode.STOPPED;
    }
}
