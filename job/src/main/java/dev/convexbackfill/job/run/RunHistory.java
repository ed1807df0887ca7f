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
package dev.convexbackfill.job.run;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.job.history.Execution;
import dev.convexbackfill.job.history.HistoryStore;
import dev.convexbackfill.job.history.Sample;
import dev.convexbackfill.partitioner.dispatch.ProcessName;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.throttle.CallTimes;
import dev.convexbackfill.readerswriters.throttle.WaitReason;
import dev.convexbackfill.readerswriters.throttle.Waits;
import dev.convexbackfill.readerswriters.throttle.Waits.Wait;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Writes down that this process executes a run, and every few seconds what the run has done since. A sample is the difference
 * between what the ranges count and what the samples before account for, both read in the transaction that stores it: so no
 * document is in two samples or in none, whoever is killed. {@link #begin} and {@link #end} belong into transactions of the
 * run's owner; the rest is thread-safe.
 */
final class RunHistory {

    /** At first, so that a short run has some samples, too. */
    static final Duration FIRST_INTERVAL = Duration.ofSeconds(1);
    static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final Duration AT_FIRST = Duration.ofMinutes(1);
    private static final String PROGRAM = "convex-backfill 0.1.0, Java " + Runtime.version().feature();
    private static final Logger LOG = LoggerFactory.getLogger(RunHistory.class);

    private final String run;
    private final HistoryStore store;
    private final Consumer<Runnable> save;
    private final Clock clock;
    private int execution;
    private Instant beganAt = Instant.EPOCH;
    private Instant sampledAt = Instant.EPOCH;
    private Map<WaitReason, Wait> waitsBefore = Map.of();

    /** {@code save} runs something in a transaction, during which nobody takes the run over. */
    RunHistory(String run, HistoryStore store, Consumer<Runnable> save, Clock clock) {
        this.run = run;
        this.store = store;
        this.save = save;
        this.clock = clock;
    }

    /** A new execution. What one before did after its last sample, when it was killed, is put where it was. */
    synchronized void begin() {
        Instant now = now();
        List<Execution> before = store.executions(run);
        if (!before.isEmpty()) {
            addWhatWasLost(before.getLast(), now);
        }
        execution = store.begin(run, "%s, %s".formatted(System.getProperty("user.name", "somebody"),
                ProcessName.current().describe()), PROGRAM, now);
        beganAt = now;
        sampledAt = now;
    }

    private void addWhatWasLost(Execution last, Instant now) {
        Counts lost = minus(store.counted(run), store.sampled(run));
        if (lost.equals(Counts.NONE)) {
            return;
        }
        List<Sample> samples = store.samples(run);
        Instant from = samples.isEmpty() || samples.getLast().endedAt().isBefore(last.beganAt()) ? last.beganAt()
                : samples.getLast().endedAt();
        // a process that lives takes a sample at least so often
        Duration worked = Duration.between(from, now);
        worked = worked.compareTo(INTERVAL) > 0 ? INTERVAL : worked.isNegative() ? Duration.ZERO : worked;
        store.add(run, new Sample(last.number(), from, from.plus(worked), worked, lost, CallTimes.Calls.NONE,
                Map.of()));
    }

    /** The run is at rest, or this process leaves it. */
    synchronized void end(RunState state, @Nullable String reason) {
        store.end(run, execution, state.name(), reason, now());
    }

    /** Takes samples until it is closed, and then the last one. */
    Sampling sampling(Waits waits, CallTimes calls) {
        return new Sampling(waits, calls);
    }

    final class Sampling implements AutoCloseable {

        private final Waits waits;
        private final CallTimes calls;
        private final StopSignal ended = StopSignal.never();
        private final Thread thread;

        private Sampling(Waits waits, CallTimes calls) {
            this.waits = waits;
            this.calls = calls;
            forget(waits, calls);
            this.thread = Thread.ofVirtual().name("samples-of-" + run).start(() -> {
                while (!ended.await(interval())) {
                    sampleIfPossible(waits, calls);
                }
            });
        }

        @Override
        public void close() {
            ended.give("the run is at rest");
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            // H2 takes an interrupt as the end of its file
            if (!Thread.currentThread().isInterrupted()) {
                sampleIfPossible(waits, calls);
            }
        }
    }

    /** This process may have executed the run before. */
    private synchronized void forget(Waits waits, CallTimes calls) {
        waitsBefore = waits.total();
        calls.take();
    }

    private synchronized Duration interval() {
        return Duration.between(beganAt, now()).compareTo(AT_FIRST) < 0 ? FIRST_INTERVAL : INTERVAL;
    }

    private void sampleIfPossible(Waits waits, CallTimes calls) {
        try {
            sample(waits.total(), calls.take());
        } catch (DataAccessException | TransactionException unreachable) {
            LOG.debug("The repository can't be reached; the next sample of run {} will be longer", run, unreachable);
        }
    }

    /** {@code waits} are all since the process began, {@code calls} those since the last sample. */
    synchronized void sample(Map<WaitReason, Wait> waits, CallTimes.Calls calls) {
        Instant now = now().isBefore(sampledAt) ? sampledAt : now();
        Map<WaitReason, Wait> since = new EnumMap<>(WaitReason.class);
        waits.forEach((reason, wait) -> {
            Wait more = wait.minus(waitsBefore.getOrDefault(reason, Wait.NONE));
            if (!more.equals(Wait.NONE)) {
                since.put(reason, more);
            }
        });
        save.accept(() -> store.add(run, new Sample(execution, sampledAt, now, Duration.between(sampledAt, now),
                minus(store.counted(run), store.sampled(run)), calls, since)));
        waitsBefore = Map.copyOf(waits);
        sampledAt = now;
    }

    private static Counts minus(Counts counts, Counts before) {
        return new Counts(counts.read() - before.read(), counts.changed() - before.changed(),
                counts.unchanged() - before.unchanged(), counts.deleted() - before.deleted(),
                counts.quarantined() - before.quarantined(), counts.conflicts() - before.conflicts());
    }

    /** As exact as the repository keeps it. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
