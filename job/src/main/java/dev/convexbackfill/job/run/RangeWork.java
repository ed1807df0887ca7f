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
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory.Effect;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.partitioner.dispatch.Lease;
import dev.convexbackfill.partitioner.dispatch.TaskDispatcher.Verdict;
import dev.convexbackfill.partitioner.dispatch.TaskDispatcher.Work;
import dev.convexbackfill.partitioner.dispatch.TaskId;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException.Refusal;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.transform.ChunkNotTransformedException;
import dev.convexbackfill.readerswriters.writer.FencedException;
import dev.convexbackfill.readerswriters.writer.RangeStores;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.transaction.TransactionException;

/**
 * Executes the step of one range, in whatever process holds its task. What follows is decided by what the repository and the
 * ledger say afterwards, not by what this thread believes: a save may have failed, and another owner may have come.
 */
final class RangeWork implements Work {

    private static final Logger LOG = LoggerFactory.getLogger(RangeWork.class);

    private final JobRepository jobRepository;
    private final RunStore runs;
    private final RangeStores stores;
    private final ActiveRuns activeRuns;
    private final BackfillSettings settings;
    private final ExecutorService prefetching;
    /** Since when a range fails for reasons that may pass, without a chunk applied in between. */
    private final Map<TaskId, Long> failingSince = new ConcurrentHashMap<>();

    RangeWork(JobRepository jobRepository, RunStore runs, RangeStores stores, ActiveRuns activeRuns,
            BackfillSettings settings,
            ExecutorService prefetching) {
        this.jobRepository = jobRepository;
        this.runs = runs;
        this.stores = stores;
        this.activeRuns = activeRuns;
        this.settings = settings;
        this.prefetching = prefetching;
    }

    @Override
    public Verdict execute(Lease lease) {
        StepExecution step = jobRepository.getStepExecution(lease.task().number());
        if (step == null || isFinal(step) || !step.getJobExecution().getStatus().isRunning()) {
            return Verdict.DONE;
        }
        JobExecution job = step.getJobExecution();
        String runName = runOf(job);
        ActiveRun active = activeRuns.get(runName);
        RangeRow row = stores.ranges().get(runName, RangeStep.rangeOf(step.getStepName()));
        StopSignal stop = StopSignal.never();
        StopSignal abandon = StopSignal.never();
        StopSignal ended = StopSignal.never();
        try (StopSignal.Registration _ = active.stop().onGiven(() -> stop.give("the run is to stop"));
                StopSignal.Registration _ = lease.ended().onGiven(() -> stop.give("the range was handed on"));
                StopSignal.Registration _ = stop.onGiven(() -> abandonLater(active.stopGrace(), ended, abandon))) {
            StepItems items = active.run().kind() instanceof RunKind.Verification
                    ? new VerificationItems(active, row, lease, stores, stop, prefetching)
                    : new RangeItems(active, row, share(job, active, row), lease, stores, stop, abandon, prefetching,
                            new LimitWatch(active, row.range(), stores.ranges(), runs));
            prepare(step);
            execute(items.step(step.getStepName(), jobRepository, stop), step);
            return decide(lease, step, items, row, stop);
        } finally {
            ended.give("the step has ended");
        }
    }

    private static void abandonLater(Duration grace, StopSignal ended, StopSignal abandon) {
        Thread.ofVirtual().start(() -> {
            if (!ended.await(grace)) {
                abandon.give("a chunk took too long to end");
            }
        });
    }

    /** The job says whether it is the canary's, so nothing but the approved job goes beyond the slice. */
    private static @Nullable Long share(JobExecution job, ActiveRun active, RangeRow row) {
        return job.getJobParameters().getString(RunJob.SLICE_PARAMETER) == null ? null
                : active.shareOfCanary(row.range().number());
    }

    private static boolean isFinal(StepExecution step) {
        return switch (step.getStatus()) {
            case COMPLETED, FAILED, STOPPED, ABANDONED -> true;
            case STARTING, STARTED, STOPPING, UNKNOWN -> false;
        };
    }

    /** A step that was handed back would otherwise keep the end of its last attempt. */
    @SuppressWarnings("NullAway") // a step that runs has no end, but the setter does not say so
    private static void prepare(StepExecution step) {
        step.setStatus(BatchStatus.STARTING);
        step.setExitStatus(ExitStatus.EXECUTING);
        step.setEndTime(null);
    }

    private static void execute(Step step, StepExecution execution) {
        try {
            step.execute(execution);
        } catch (JobInterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Verdict decide(Lease lease, StepExecution executed, StepItems items, RangeRow row, StopSignal stop) {
        StepExecution saved = jobRepository.getStepExecution(executed.getId());
        // in this order: see reopen
        if (saved == null || !isJobExecuted(saved)) {
            return Verdict.DONE;
        }
        @Nullable
        Throwable failure = failureOf(executed);
        return switch (saved.getStatus()) {
            case COMPLETED -> {
                failingSince.remove(lease.task());
                if (!items.isComplete()) {
                    yield fail(saved, row, new IllegalStateException(
                            "its step ended before all its documents are accounted for; this is a defect of convex-backfill"));
                }
                yield Verdict.DONE;
            }
            case STOPPED -> afterStop(saved);
            case FAILED -> {
                if (stop.isGiven() && wasLeft(failure)) {
                    yield endAsStopped(saved);
                }
                if (items.hasProgressed()) {
                    failingSince.remove(lease.task());
                }
                if (!mayPass(lease.task(), failure)) {
                    yield fail(saved, row, failure);
                }
                LOG.warn("Range {} of run {} is claimed anew: {}", row.range().number(), lease.task().run(),
                        failure == null ? "for an unknown reason" : failure.getMessage());
                yield retry(saved);
            }
            // its end could not be saved, or somebody else has it now
            case STARTING, STARTED, STOPPING, UNKNOWN -> retry(saved);
            case ABANDONED -> Verdict.DONE;
        };
    }

    private Verdict afterStop(StepExecution saved) {
        return isJobStopping(saved) ? Verdict.DONE : handBack(saved);
    }

    /** A call or a transform that was left because of the stop, or that failed before it for a reason that passes. */
    private static boolean wasLeft(@Nullable Throwable failure) {
        return failure instanceof JobInterruptedException
                || (failure instanceof ConvexException left && left.category().effect() != Effect.PERMANENT);
    }

    private Verdict endAsStopped(StepExecution saved) {
        saved.setStatus(BatchStatus.STOPPED);
        saved.setExitStatus(ExitStatus.STOPPED);
        jobRepository.update(saved);
        return afterStop(saved);
    }

    private static @Nullable Throwable failureOf(StepExecution executed) {
        List<Throwable> failures = executed.getFailureExceptions();
        Throwable cause = failures.isEmpty() ? null : failures.getFirst();
        while (cause != null && cause.getCause() != null && isWrapper(cause)) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static boolean isWrapper(Throwable cause) {
        return cause.getClass().getName().startsWith("org.springframework.batch");
    }

    /** Failures of the repository and of what plugins use, and a ledger that has moved on without us, are met by claiming the range anew. */
    private boolean mayPass(TaskId task, @Nullable Throwable failure) {
        boolean transientKind = failure instanceof DataAccessException || failure instanceof TransactionException
                || failure instanceof FencedException || failure instanceof ChunkNotTransformedException
                || (failure instanceof LedgerRefusedException refused && refused.refusal() == Refusal.OUT_OF_ORDER);
        if (!transientKind) {
            return false;
        }
        long since = failingSince.computeIfAbsent(task, _ -> System.nanoTime());
        return System.nanoTime() - since < settings.giveUpAfter().toNanos();
    }

    private boolean isJobStopping(StepExecution step) {
        JobExecution job = jobNow(step);
        return job == null || job.getStatus() != BatchStatus.STARTED || runs.isStopRequested(runOf(job));
    }

    /** Without the other steps of the job, all of which would be read with it: a thousand ranges would read a million. */
    private @Nullable JobExecution jobNow(StepExecution step) {
        StepExecution now = jobRepository.getStepExecution(step.getId());
        return now == null ? null : now.getJobExecution();
    }

    private static String runOf(JobExecution job) {
        return String.valueOf(job.getJobParameters().getString(RunJob.RUN_PARAMETER));
    }

    private Verdict handBack(StepExecution saved) {
        reopen(saved);
        return Verdict.HAND_BACK;
    }

    private Verdict retry(StepExecution saved) {
        reopen(saved);
        return Verdict.RETRY;
    }

    /**
     * Makes a step ready to be executed again. A new manager may have ended its job execution: that one's job has its own step
     * for the range, and would take this one for a step that is executed. So the job was asked after {@code saved} was read:
     * either it was seen to have ended, or saving fails because {@code saved} has been changed.
     */
    private void reopen(StepExecution saved) {
        prepare(saved);
        try {
            jobRepository.update(saved);
        } catch (OptimisticLockingFailureException somebodyElses) {
            LOG.debug("Step execution {} has another owner", saved.getId(), somebodyElses);
        }
    }

    private boolean isJobExecuted(StepExecution step) {
        JobExecution job = jobNow(step);
        return job != null && job.getStatus().isRunning();
    }

    private Verdict fail(StepExecution saved, RangeRow row, @Nullable Throwable failure) {
        String run = runOf(saved.getJobExecution());
        LOG.error("Range {} of run {} failed", row.range().number(), run, failure);
        runs.noteFailure(run,
                "Range %d (documents after %s up to %s) failed: %s".formatted(row.range().number(),
                        row.position() == null ? "the beginning" : row.position(),
                        row.range().through() == null ? "the end" : row.range().through(),
                        failure == null ? "for an unknown reason" : failure.getMessage()));
        if (saved.getStatus() != BatchStatus.FAILED) {
            saved.setStatus(BatchStatus.FAILED);
            saved.setExitStatus(ExitStatus.FAILED);
            jobRepository.update(saved);
        }
        return Verdict.DONE;
    }
}
