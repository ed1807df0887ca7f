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
package dev.convexbackfill.partitioner.dispatch;

import com.github.kagkarlsson.scheduler.CurrentlyExecuting;
import com.github.kagkarlsson.scheduler.HeartbeatState;
import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.event.AbstractSchedulerListener;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.ExecutionOperations;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.convexbackfill.client.StopSignal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the tasks of one queue in this process, on virtual threads. A task is held by one process at a time, which says every
 * tenth of the lease that it lives; when it has been silent for the lease, another takes the task over. Nothing here keeps a
 * silent process that wakes up from going on for a moment: what it may still write is for the ledger's fence to refuse.
 */
public final class TaskDispatcher implements AutoCloseable {

    private static final int SIGNS_PER_LEASE = 10;
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    /** Of the lease, after which an owner trusts it no more. */
    private static final double FRESH_FRACTION = 0.7;
    /** Tasks of a kind that a process does not know are deleted after this; it must never happen. */
    private static final Duration NEVER = Duration.ofDays(36500);
    private static final Duration LAST_WAIT = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(TaskDispatcher.class);

    private final TaskQueue queue;
    private final DatabaseClock clock;
    private final Work work;
    private final TaskStore store;
    private final Scheduler scheduler;
    private final CustomTask<Void> task;
    private final Map<TaskId, StopSignal> held = new ConcurrentHashMap<>();

    /** What to do with a task. */
    public interface Work {

        /**
         * Works on the task until it is done or {@code lease} ends. Throwing hands the task back, to be tried again a little
         * later.
         */
        Verdict execute(Lease lease);
    }

    /** What becomes of a task that was worked on. */
    public enum Verdict {
        /** It is over, and removed. */
        DONE,
        /** It is handed back: any process may take it at once. */
        HAND_BACK,
        /** It is handed back, to be taken a little later. */
        RETRY
    }

    /**
     * @param dataSource for nothing else, so that saying that one lives never waits for a connection
     * @param threads    tasks held at once
     */
    public TaskDispatcher(TaskQueue queue, DataSource dataSource, DatabaseClock clock, TaskStore store, TaskScope scope,
            Duration lease, int threads, Work work) {
        this.queue = queue;
        this.clock = clock;
        this.work = work;
        this.store = store;
        this.task = Tasks.custom(queue.taskName(), Void.class)
                .onDeadExecution((complete, operations) -> {
                    if (scope.contains(TaskId.parse(complete.getExecution().getId()))) {
                        operations.reschedule(complete, clock.now());
                    }
                })
                .onFailure((complete, operations) -> operations.reschedule(complete, clock.now().plus(RETRY_AFTER)))
                .execute(this::execute);
        this.scheduler = Scheduler.create(dataSource, List.of(task))
                .tableName(queue.table())
                .jdbcCustomization(new ScopedLocking(scope))
                .schedulerName(new SchedulerName.Fixed(ProcessName.current().toString()))
                .clock(clock)
                .threads(threads)
                .executorService(Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name(queue.taskName() + "-", 0).factory()))
                .pollUsingLockAndFetch(0.99, 1.0)
                .pollingInterval(POLL)
                .heartbeatInterval(lease.dividedBy(SIGNS_PER_LEASE))
                .missedHeartbeatsLimit(SIGNS_PER_LEASE)
                .enablePriority()
                .enableImmediateExecution()
                .deleteUnresolvedAfter(NEVER)
                .shutdownMaxWait(LAST_WAIT)
                .failureLogging(LogLevel.DEBUG, true)
                .addSchedulerListener(new LossListener())
                .build();
    }

    public void start() {
        scheduler.start();
    }

    /** Puts tasks into the queue, the first of the list first; several runs take turns. */
    public void schedule(List<TaskId> tasks) {
        for (int number = 0; number < tasks.size(); number++) {
            TaskInstance<Void> instance = task.instanceBuilder(tasks.get(number).toString()).priority(-number).build();
            scheduler.scheduleIfNotExists(instance, clock.now());
        }
        scheduler.triggerCheckForDueExecutions();
    }

    private CompletionHandler<Void> execute(TaskInstance<Void> instance, ExecutionContext context) {
        TaskId id = TaskId.parse(instance.getId());
        StopSignal ended = StopSignal.never();
        StopSignal before = held.putIfAbsent(id, ended);
        if (before != null) {
            // this process lost the task and got it again before the old thread has noticed: one of them at a time
            before.give("the task was taken over");
            return (complete, operations) -> operations.reschedule(complete, clock.now().plus(RETRY_AFTER));
        }
        HeartbeatState signs = context.getCurrentlyExecuting().getHeartbeatState();
        try {
            Verdict verdict = work.execute(new Lease(id, context.getExecution().version, ended,
                    () -> signs.getFractionDead() < FRESH_FRACTION));
            return (complete, operations) -> complete(verdict, complete, operations);
        } catch (RuntimeException failure) {
            LOG.debug("Task {} is handed back", id, failure);
            throw failure;
        } finally {
            held.remove(id, ended);
        }
    }

    private void complete(Verdict verdict, ExecutionComplete complete,
            ExecutionOperations<Void> operations) {
        switch (verdict) {
            case DONE -> operations.remove();
            case HAND_BACK -> operations.reschedule(complete, clock.now());
            case RETRY -> operations.reschedule(complete, clock.now().plus(RETRY_AFTER));
        }
    }

    /** Takes no more tasks and asks those held to end; the caller waits for them. */
    public void drain(String reason) {
        scheduler.pause();
        held.values().forEach(ended -> ended.give(reason));
    }

    /** Whether this process still works on a task, whoever owns it now. */
    public boolean isWorkingOn(TaskId task) {
        return held.containsKey(task);
    }

    /** Whether this process holds no task. */
    public boolean isIdle() {
        return held.isEmpty();
    }

    /** Stops taking tasks and waits for those held, which {@link #drain} has asked to end. */
    @Override
    public void close() {
        scheduler.stop();
    }

    /** Hears that a sign of life failed. Must not block: it is called by the thread that gives all signs. */
    private final class LossListener extends AbstractSchedulerListener {

        @Override
        public void onExecutionFailedHeartbeat(CurrentlyExecuting executing) {
            TaskId id = TaskId.parse(executing.getExecution().getId());
            long version = executing.getExecution().version;
            Thread.ofVirtual().start(() -> endIfLost(id, version));
        }

        private void endIfLost(TaskId id, long version) {
            StopSignal ended = held.get(id);
            try {
                if (ended != null && !store.isHeld(queue, id, version)) {
                    LOG.warn("Task {} was taken over by another process; this one lets it go", id);
                    ended.give("the task was taken over by another process");
                }
            } catch (RuntimeException unreachable) {
                LOG.debug("The repository can't be asked about task {}", id, unreachable);
            }
        }
    }
}
