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
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.cli.RunExecution.Ending;
import dev.convexbackfill.job.progress.ProgressDisplay;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunEngine;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.readerswriters.selection.SelectionStore.Progress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** Follows a run that this process executes until it is at rest, and says how it ended. */
final class RunFollower {

    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    /** After a signal; scripts may rely on the process ending within 5 s. */
    private static final Duration LAST_MOMENT = Duration.ofMillis(4500);

    private final RunRepository repository;
    private final RunEngine engine;
    private final Output output;
    private final Ending ending;
    private final StopSignal asked = StopSignal.never();
    private final StopSignal ended = StopSignal.never();

    RunFollower(RunContext context, RunEngine engine, Output output, Ending ending) {
        this.repository = context.repository();
        this.engine = engine;
        this.output = output;
        this.ending = ending;
    }

    /** Returns the exit code. Ctrl-C and SIGTERM stop the run. */
    int follow(String name) {
        try (Signals _ = Signals.onStop(signal -> stop(name, signal));
                ProgressDisplay display = ProgressDisplay.on(output.people(), output.isTerminal(), name)) {
            RunProgress progress = look(name, display, null);
            while (progress == null || !hasEnded(progress)) {
                asked.await(LOOK_EVERY);
                if (asked.isGiven()) {
                    StopSignal.never().await(LOOK_EVERY.dividedBy(5));
                }
                progress = look(name, display, progress);
            }
            return asked.isGiven() ? ending.endAfterSignal(progress, display) : ending.end(progress, display);
        }
    }

    /** A run that rests while this process manages it was ended by another that has taken it over: the manager will say so. */
    private boolean hasEnded(RunProgress progress) {
        return progress.run().state().isAtRest() && !engine.isManaging(progress.run().name());
    }

    private @Nullable RunProgress look(String name, ProgressDisplay display, @Nullable RunProgress last) {
        try {
            Run run = repository.runs().find(name).orElseThrow();
            RunProgress progress = RunProgress.of(run, repository.stores());
            display.show(progress, waitingFor(name));
            return progress;
        } catch (DataAccessException | TransactionException unreachable) {
            if (last != null) {
                display.show(last, "the repository can't be reached");
            }
            return last;
        }
    }

    private @Nullable String waitingFor(String name) {
        FailureCategory trouble = engine.recentTrouble(name);
        if (trouble != null) {
            return WaitingFor.text(trouble);
        }
        return CanaryReport.of(repository, name).flatMap(CanaryReport::waitingFor).orElseGet(() -> search(name));
    }

    /** Before a run that selects by an index or a query has found its documents, its ranges stand still. */
    private @Nullable String search(String name) {
        Progress search = repository.selections().progress(name);
        return search.version() == 0 || search.isComplete() ? null
                : "documents are looked for, %s found so far".formatted(ProgressText.number(search.found()));
    }

    /** On a signal: everything here has a bound, also if the repository hangs. */
    private void stop(String name, String signal) {
        if (asked.isGiven()) {
            return;
        }
        output.say("%s: stopping run '%s'; what was applied stays applied".formatted(signal, name));
        engine.stop(name, signal);
        asked.give(signal);
        Thread.ofPlatform().daemon().start(() -> {
            try {
                repository.runs().requestStop(name, "stopped by " + signal);
            } catch (DataAccessException | TransactionException unreachable) {
                output.say("The repository can't be told, but nothing is lost");
            }
        });
        Thread.ofPlatform().daemon().start(() -> {
            if (!ended.await(LAST_MOMENT)) {
                output.say(
                        "The run did not end in time and was left as it is; nothing is lost. Go on with: ./backfill resume "
                                + name);
                Runtime.getRuntime().halt(ExitCode.STOPPED);
            }
        });
    }
}
