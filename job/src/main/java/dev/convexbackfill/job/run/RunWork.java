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

import dev.convexbackfill.job.history.HistoryStore;
import dev.convexbackfill.partitioner.dispatch.Lease;
import dev.convexbackfill.partitioner.dispatch.TaskDispatcher;
import dev.convexbackfill.partitioner.dispatch.TaskDispatcher.Verdict;
import dev.convexbackfill.partitioner.dispatch.TaskDispatcher.Work;
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import dev.convexbackfill.partitioner.dispatch.TaskStore;
import dev.convexbackfill.partitioner.range.RangeStore;
import java.time.Clock;
import java.util.Objects;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.parameters.InvalidJobParametersException;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.launch.JobExecutionAlreadyRunningException;
import org.springframework.batch.core.launch.JobInstanceAlreadyCompleteException;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.launch.JobRestartException;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** Manages one run: ends what a dead manager left behind, executes the job, and says how the run ended. */
final class RunWork implements Work {

    private static final Logger LOG = LoggerFactory.getLogger(RunWork.class);

    private final RunRepository repository;
    private final JobRepository jobRepository;
    private final JobOperator jobOperator;
    private final JobRecovery recovery;
    private final RunStore runs;
    private final RangeStore ranges;
    private final TaskStore tasks;
    private final TaskDispatcher rangeTasks;
    private final ActiveRuns activeRuns;
    private final JdbcClient jdbc;
    private final TransactionOperations transactions;
    private final RepositoryOutages outages;
    private final Consumer<String> onRest;
    private final Runnable onRunLost;

    /**
     * @param outages   decides what becomes of a run whose job the repository has ended
     * @param onRest    is told the name of each run that has come to rest
     * @param onRunLost ends the process
     */
    RunWork(RunRepository repository, JobRepository jobRepository, JobOperator jobOperator, TaskDispatcher rangeTasks,
            ActiveRuns activeRuns, RepositoryOutages outages, Consumer<String> onRest, Runnable onRunLost) {
        this.repository = repository;
        this.jobRepository = jobRepository;
        this.jobOperator = jobOperator;
        this.recovery = new JobRecovery(repository.jdbc(), repository.transactions());
        this.runs = repository.runs();
        this.ranges = repository.stores().ranges();
        this.tasks = repository.tasks();
        this.rangeTasks = rangeTasks;
        this.activeRuns = activeRuns;
        this.outages = outages;
        this.jdbc = repository.jdbc();
        this.transactions = repository.transactions();
        this.onRest = onRest;
        this.onRunLost = onRunLost;
    }

    @Override
    public Verdict execute(Lease lease) {
        RunOwnership ownership = new RunOwnership(lease, tasks, transactions, onRunLost);
        Run run = runs.find(lease.task().run()).orElse(null);
        if (run == null || run.state().isAtRest()) {
            return Verdict.DONE;
        }
        if (run.stopRequested()) {
            ownership.save(() -> runs.end(run.name(), RunState.STOPPED, null));
            return Verdict.DONE;
        }
        CanaryWork canary = new CanaryWork(repository, activeRuns, ownership,
                (one, isSlice, completed) -> isCompleted(one, isSlice, completed, lease, ownership));
        if (canary.isPassed(run)) {
            isCompleted(run, false, () -> runs.end(run.name(), RunState.COMPLETED, null), lease, ownership);
        }
        rest(run.name());
        return Verdict.DONE;
    }

    /** What a failure here leaves undone, whoever asks for the report does. */
    private void rest(String run) {
        try {
            onRest.accept(run);
        } catch (RuntimeException failed) {
            LOG.warn("The report of run {} could not be kept", run, failed);
        }
    }

    /**
     * Executes a job of the run that this process manages, or of the verification that is a part of it, until that rests.
     *
     * @param isSlice   true for the job of a canary
     * @param completed stores that it is complete
     */
    private boolean isCompleted(Run run, boolean isSlice, Runnable completed, Lease lease, RunOwnership ownership) {
        JobParameters parameters = isSlice ? RunJob.parametersOfSlice(run) : RunJob.parameters(run);
        RunHistory history = new RunHistory(run.name(), new HistoryStore(jdbc), ownership::save, Clock.systemUTC());
        ownership.save(() -> {
            begin(run, parameters, lease.task().run());
            history.begin();
        });
        ActiveRun active = activeRuns.get(run.name());
        try {
            JobExecution execution = start(active, job(active, isSlice, lease, ownership), parameters, history);
            if (execution.getStatus() != BatchStatus.COMPLETED && outages.mayPass(run.name(), execution)) {
                throw new IllegalStateException(
                        "The repository was away while run '%s' was managed".formatted(run.name()),
                        execution.getAllFailureExceptions().getFirst());
            }
            LOG.info("Run {}{} ended {}", run.name(), isSlice ? " (canary)" : "", execution.getStatus());
            ownership.save(() -> {
                end(run.name(), execution, completed);
                end(run.name(), history);
            });
            return execution.getStatus() == BatchStatus.COMPLETED;
        } catch (JobInstanceAlreadyCompleteException _) {
            // the process that completed it was killed before it could say so
            ownership.save(() -> {
                completed.run();
                end(run.name(), history);
            });
            return true;
        } catch (JobExecutionAlreadyRunningException | JobRestartException
                | InvalidJobParametersException refused) {
            throw new IllegalStateException("The job of run '%s' can't be started".formatted(run.name()), refused);
        }
    }

    private JobExecution start(ActiveRun active, Job job, JobParameters parameters, RunHistory history)
            throws JobInstanceAlreadyCompleteException, JobExecutionAlreadyRunningException, JobRestartException,
            InvalidJobParametersException {
        try (RunHistory.Sampling _ = history.sampling(active.throttle().waits(), active.callTimes())) {
            return jobOperator.start(job, parameters);
        }
    }

    private void end(String name, RunHistory history) {
        runs.find(name).ifPresent(ended -> history.end(ended.state(), ended.reason()));
    }

    private void begin(Run run, JobParameters parameters, String managed) {
        runs.begin(run.name());
        // whoever still works on one of them notices at the next sign of life, and its fence is old
        tasks.deleteOfRun(TaskQueue.RANGES, managed);
        JobExecution last = jobRepository.getLastJobExecution(RunJob.NAME, parameters);
        if (last != null) {
            recovery.recover(last);
        }
    }

    private Job job(ActiveRun active, boolean isSlice, Lease lease, RunOwnership ownership) {
        RangesHandler handler = new RangesHandler(active, lease, ownership, rangeTasks, tasks, runs, jobRepository,
                jdbc);
        if (isSlice) {
            return CanaryJob.of(active, jobRepository, ranges, handler);
        }
        return active.run().kind() instanceof RunKind.Verification
                ? VerificationJob.of(active, jobRepository, ranges, handler)
                : RunJob.of(active, jobRepository, ranges, handler);
    }

    private void end(String name, JobExecution execution, Runnable completed) {
        switch (execution.getStatus()) {
            case COMPLETED -> completed.run();
            case STOPPED, STOPPING -> runs.end(name, RunState.STOPPED, null);
            case FAILED, ABANDONED, UNKNOWN, STARTING, STARTED -> {
                noteReason(name, execution);
                runs.end(name, RunState.FAILED, null);
            }
        }
    }

    /** The first reason stays: a range that failed has said it better than the framework does. */
    private void noteReason(String name, JobExecution execution) {
        String reason = execution.getAllFailureExceptions().stream().map(Throwable::getMessage).filter(Objects::nonNull)
                .findFirst().orElse("its job ended " + execution.getStatus());
        runs.noteFailure(name, reason);
    }
}
