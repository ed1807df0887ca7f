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

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.partitioner.dispatch.Lease;
import dev.convexbackfill.partitioner.dispatch.TaskDispatcher;
import dev.convexbackfill.partitioner.dispatch.TaskId;
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import dev.convexbackfill.partitioner.dispatch.TaskStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.partition.PartitionHandler;
import org.springframework.batch.core.partition.StepExecutionSplitter;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionException;

/**
 * Hands the ranges of a run to whoever takes tasks from the queue, and waits until each has ended. A range has ended only if
 * its step execution says so and no task for it is left; one that has no task and has not ended is put into the queue again.
 * An unreachable repository is waited for: if it lasts too long, this process loses the run. Tasks bear the name of the run that
 * this process manages, also where the job is that of a verification which is a part of it.
 */
final class RangesHandler implements PartitionHandler {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final int MAX_UPDATE_ATTEMPTS = 20;
    private static final Logger LOG = LoggerFactory.getLogger(RangesHandler.class);

    private final ActiveRun active;
    private final Lease lease;
    private final RunOwnership ownership;
    private final TaskDispatcher ranges;
    private final TaskStore tasks;
    private final RunStore runs;
    private final JobRepository jobRepository;
    private final JdbcClient jdbc;
    private boolean stopping;

    RangesHandler(ActiveRun active, Lease lease, RunOwnership ownership, TaskDispatcher ranges, TaskStore tasks,
            RunStore runs,
            JobRepository jobRepository, JdbcClient jdbc) {
        this.active = active;
        this.lease = lease;
        this.ownership = ownership;
        this.ranges = ranges;
        this.tasks = tasks;
        this.runs = runs;
        this.jobRepository = jobRepository;
        this.jdbc = jdbc;
    }

    @Override
    public Collection<StepExecution> handle(StepExecutionSplitter splitter, StepExecution manager) throws Exception {
        List<StepExecution> all = new ArrayList<>(splitter.split(manager, 1));
        all.sort(Comparator.comparing(StepExecution::getStepName));
        schedule(all.stream().map(StepExecution::getId).toList());
        while (!haveAllEnded(manager.getJobExecutionId(), all)) {
            // wakes up early for a stop, and only once
            if (stopping) {
                StopSignal.never().await(POLL);
            } else {
                active.stop().await(POLL);
            }
        }
        List<StepExecution> ended = new ArrayList<>();
        for (StepExecution execution : all) {
            ended.add(requireNonNull(jobRepository.getStepExecution(execution.getId())));
        }
        return ended;
    }

    private void schedule(List<Long> executions) {
        ranges.schedule(executions.stream().map(id -> new TaskId(lease.task().run(), id)).toList());
    }

    private boolean haveAllEnded(long jobExecution, List<StepExecution> all) {
        try {
            ownership.require();
            Map<Long, BatchStatus> statuses = statuses(jobExecution);
            Set<Long> queued = tasks.ofRun(TaskQueue.RANGES, lease.task().run()).keySet();
            stopIfDue(jobExecution, statuses.entrySet().stream()
                    // one that is still in the queue is tried again
                    .anyMatch(step -> step.getValue() == BatchStatus.FAILED && !queued.contains(step.getKey())));
            List<Long> lost = new ArrayList<>();
            boolean ended = true;
            for (StepExecution execution : all) {
                boolean isFinal = isFinal(statuses.get(execution.getId()));
                boolean isQueued = queued.contains(execution.getId());
                ended &= isFinal && !isQueued;
                if (!isFinal && !isQueued) {
                    lost.add(execution.getId());
                }
            }
            if (!lost.isEmpty()) {
                // the statuses were read before the queue: one may have ended in between
                Map<Long, BatchStatus> now = statuses(jobExecution);
                lost.removeIf(id -> isFinal(now.get(id)));
                schedule(lost);
            }
            return ended;
        } catch (DataAccessException | TransactionException unreachable) {
            LOG.warn("The repository can't be reached; the run waits for it: {}", unreachable.getMessage());
            return false;
        }
    }

    private static boolean isFinal(@Nullable BatchStatus status) {
        return status == BatchStatus.COMPLETED || status == BatchStatus.FAILED || status == BatchStatus.STOPPED;
    }

    private Map<Long, BatchStatus> statuses(long jobExecution) {
        Map<Long, BatchStatus> statuses = new HashMap<>();
        jdbc.sql("select step_execution_id, status from batch_step_execution where job_execution_id = :id")
                .param("id", jobExecution)
                .query(row -> {
                    statuses.put(row.getLong("step_execution_id"), BatchStatus.valueOf(row.getString("status")));
                });
        return statuses;
    }

    private void stopIfDue(long jobExecution, boolean rangeFailed) {
        if (stopping) {
            return;
        }
        if (rangeFailed || lease.ended().isGiven() || active.stop().isGiven()
                || runs.isStopRequested(active.run().name())) {
            active.stop().give(rangeFailed ? "a range has failed" : "the run is to stop");
            requestStop(jobExecution);
            stopping = true;
        }
    }

    /**
     * Has every process that executes a step of the job stop at its next checkpoint. Only the status is set: the framework's
     * own stop ends the execution at once, while its steps still save, and often leaves it FAILED or UNKNOWN.
     */
    private void requestStop(long jobExecution) {
        for (int attempt = 1;; attempt++) {
            JobExecution execution = jobRepository.getJobExecution(jobExecution);
            if (execution == null || execution.getStatus() == BatchStatus.STOPPING) {
                return;
            }
            execution.setStatus(BatchStatus.STOPPING);
            try {
                jobRepository.update(execution);
                return;
            } catch (OptimisticLockingFailureException somebodySaved) {
                if (attempt == MAX_UPDATE_ATTEMPTS) {
                    throw somebodySaved;
                }
            }
        }
    }
}
