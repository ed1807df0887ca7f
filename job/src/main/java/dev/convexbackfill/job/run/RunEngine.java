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

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.partitioner.dispatch.DatabaseClock;
import dev.convexbackfill.partitioner.dispatch.TaskDispatcher;
import dev.convexbackfill.partitioner.dispatch.TaskId;
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import dev.convexbackfill.partitioner.dispatch.TaskScope;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Executes runs in this process: manages those that no other process manages, and works on their ranges beside any other
 * process that does. Thread-safe.
 */
public final class RunEngine implements AutoCloseable {

    private static final int RUNS_AT_ONCE = 2;

    private final ActiveRuns activeRuns;
    private final TaskDispatcher ranges;
    private final TaskDispatcher runs;
    private final ExecutorService prefetching = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * @param dispatch    connections for nothing but saying that this process lives
     * @param key         for the deployments of all runs in {@code scope}
     * @param rangesAtOnce how many ranges this process works on at once
     * @param onRest      is told the name of each run of which this process has seen the end
     * @param onRunLost   ends the process: it was silent for so long that another has taken its run over
     */
    public RunEngine(RunRepository repository, DataSource dispatch, JobRepository jobRepository,
            JobOperator jobOperator,
            DeployKey key, BackfillSettings settings, TaskScope scope, int rangesAtOnce, Consumer<String> onRest,
            Runnable onRunLost) {
        this.activeRuns = new ActiveRuns(repository, key, settings);
        DatabaseClock clock = new DatabaseClock(JdbcClient.create(dispatch));
        this.ranges = new TaskDispatcher(TaskQueue.RANGES, dispatch, clock, repository.tasks(), scope, settings.lease(),
                rangesAtOnce, new RangeWork(jobRepository, repository.runs(), repository.stores(), activeRuns, settings,
                        prefetching));
        this.runs = new TaskDispatcher(TaskQueue.RUNS, dispatch, clock, repository.tasks(), scope, settings.lease(),
                RUNS_AT_ONCE,
                new RunWork(repository, jobRepository, jobOperator, ranges, activeRuns,
                        new RepositoryOutages(settings.giveUpAfter()), onRest, onRunLost));
    }

    /** Begins to take tasks. */
    public void start() {
        ranges.start();
        runs.start();
    }

    /** Has a run executed, by this process or another. */
    public void submit(String run) {
        runs.schedule(List.of(TaskId.ofRun(run)));
    }

    /** Stops a run in this process at once; the repository must be told, too. */
    public void stop(String run, String reason) {
        activeRuns.stop(run, reason);
    }

    /** What the run's calls are waiting for; null if they are not. */
    public @Nullable FailureCategory recentTrouble(String run) {
        return activeRuns.recentTrouble(run);
    }

    /** True while this process manages the run, or has lost it to another without having noticed. */
    public boolean isManaging(String run) {
        return runs.isWorkingOn(TaskId.ofRun(run));
    }

    /** True if this process holds no task. */
    public boolean isIdle() {
        return runs.isIdle() && ranges.isIdle();
    }

    /** Hands back what this process holds and ends. */
    @Override
    public void close() {
        runs.drain("the process ends");
        ranges.drain("the process ends");
        runs.close();
        ranges.close();
        prefetching.shutdown();
        activeRuns.close();
    }
}
