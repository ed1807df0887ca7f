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
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.parameters.InvalidJobParametersException;
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
    private final Consumer<String> onRest;
    private final Runnable onRunLost;

    /**
     * @param onRest    is told the name of each run that has come to rest
     * @param onRunLost ends the process
     */
    RunWork(JobRepository jobRepository, JobOperator jobOperator, JobRecovery recovery, RunStore runs,
            RangeStore ranges,
            TaskStore tasks, TaskDispatcher rangeTasks, ActiveRuns activeRuns, JdbcClient jdbc,
            TransactionOperations transactions, Consumer<String> onRest, Runnable onRunLost) {
        this.jobRepository = jobRepository;
        this.jobOperator = jobOperator;
        this.recovery = recovery;
        this.runs = runs;
        this.ranges = ranges;
        this.tasks = tasks;
        this.rangeTasks = rangeTasks;
        this.activeRuns = activeRuns;
        this.jdbc = jdbc;
        this.transactions = transactions;
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
        RunHistory history = new RunHistory(run.name(), new HistoryStore(jdbc), ownership::save, Clock.systemUTC());
        ownership.save(() -> {
            begin(run);
            history.begin();
        });
        Verdict verdict = execute(run, lease, ownership, history);
        rest(run.name());
        return verdict;
    }

    /** What a failure here leaves undone, whoever asks for the report does. */
    private void rest(String run) {
        try {
            onRest.accept(run);
        } catch (RuntimeException failed) {
            LOG.warn("The report of run {} could not be kept", run, failed);
        }
    }

    private void begin(Run run) {
        runs.begin(run.name());
        // whoever still works on one of them notices at the next sign of life, and its fence is old
        tasks.deleteOfRun(TaskQueue.RANGES, run.name());
        JobExecution last = jobRepository.getLastJobExecution(RunJob.NAME, RunJob.parameters(run));
        if (last != null) {
            recovery.recover(last);
        }
    }

    private Verdict execute(Run run, Lease lease, RunOwnership ownership, RunHistory history) {
        ActiveRun active = activeRuns.get(run.name());
        RangesHandler handler = new RangesHandler(active, lease, ownership, rangeTasks, tasks, runs, jobRepository,
                jdbc);
        Job job = run.kind() instanceof RunKind.Verification
                ? VerificationJob.of(active, jobRepository, ranges, handler)
                : RunJob.of(active, jobRepository, ranges, handler);
        try {
            JobExecution execution = start(active, job, history);
            LOG.info("Run {} ended {}", run.name(), execution.getStatus());
            ownership.save(() -> {
                end(run.name(), execution);
                end(run.name(), history);
            });
            return Verdict.DONE;
        } catch (JobInstanceAlreadyCompleteException _) {
            // the process that completed it was killed before it could say so
            ownership.save(() -> {
                runs.end(run.name(), RunState.COMPLETED, null);
                end(run.name(), history);
            });
            return Verdict.DONE;
        } catch (JobExecutionAlreadyRunningException | JobRestartException
                | InvalidJobParametersException refused) {
            throw new IllegalStateException("The job of run '%s' can't be started".formatted(run.name()), refused);
        }
    }

    private JobExecution start(ActiveRun active, Job job, RunHistory history)
            throws JobInstanceAlreadyCompleteException, JobExecutionAlreadyRunningException, JobRestartException,
            InvalidJobParametersException {
        try (RunHistory.Sampling _ = history.sampling(active.throttle().waits(), active.callTimes())) {
            return jobOperator.start(job, RunJob.parameters(active.run()));
        }
    }

    private void end(String name, RunHistory history) {
        runs.find(name).ifPresent(ended -> history.end(ended.state(), ended.reason()));
    }

    private void end(String name, JobExecution execution) {
        switch (execution.getStatus()) {
            case COMPLETED -> runs.end(name, RunState.COMPLETED, null);
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
