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
import dev.convexbackfill.job.progress.ProgressDisplay;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.progress.Tally;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Work that people look at, and may stop. */
final class FollowedWork {

    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    /** After a signal; scripts may rely on the process ending within 5 s. */
    private static final Duration LAST_MOMENT = Duration.ofSeconds(4);
    private static final Duration RECENT = Duration.ofSeconds(5);

    private FollowedWork() {}

    /** What {@code work} returns; empty if it was stopped by Ctrl-C or SIGTERM, which gives {@code stop}. */
    static <T> Optional<T> follow(Output output, String name, Tally tally, StopSignal stop, Callable<T> work) {
        StopSignal ended = StopSignal.never();
        FutureTask<T> task = new FutureTask<>(() -> {
            try {
                return work.call();
            } finally {
                ended.give("it has ended");
            }
        });
        try (Signals _ = Signals.onStop(stop::give);
                ProgressDisplay display = ProgressDisplay.on(output.people(), output.isTerminal(), name)) {
            Thread.ofVirtual().start(task);
            while (!ended.await(LOOK_EVERY) && !stop.isGiven()) {
                FailureCategory trouble = tally.trouble(RECENT);
                display.show(tally.fraction(), tally.read(),
                        "%s, %s documents".formatted(tally.doing(), ProgressText.number(tally.read())),
                        trouble == null ? null : WaitingFor.text(trouble));
            }
            if (!ended.await(LAST_MOMENT)) {
                return Optional.empty();
            }
            return Optional.of(task.get());
        } catch (ExecutionException failed) {
            if (stop.isGiven()) {
                return Optional.empty();
            }
            throw failed.getCause() instanceof RuntimeException cause ? cause
                    : new IllegalStateException(String.valueOf(failed.getCause()), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
