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

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.code.UserCode;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** The runs that this process works on, each opened once. Looks now and then whether one of them is to stop. Thread-safe. */
final class ActiveRuns implements AutoCloseable {

    private static final Duration LOOK_FOR_STOP_EVERY = Duration.ofMillis(300);
    private static final Duration RECENT = Duration.ofSeconds(3);
    /** Two calls for each range that is worked on, reading and writing, and some for the manager. */
    private static final int SPARE_CONNECTIONS = 8;
    private static final Logger LOG = LoggerFactory.getLogger(ActiveRuns.class);

    private final RunRepository repository;
    private final RunStore runs;
    private final DeployKey key;
    private final BackfillSettings settings;
    private final Map<String, ActiveRun> active = new ConcurrentHashMap<>();
    private final UserCode code;
    private final StopSignal closed = StopSignal.never();

    ActiveRuns(RunRepository repository, DeployKey key, BackfillSettings settings) {
        this.repository = repository;
        this.runs = repository.runs();
        this.key = key;
        this.settings = settings;
        this.code = new UserCode(settings.plugins());
        Thread.ofVirtual().name("stop-watch").start(this::watch);
    }

    /** The run of that name, opened with its plan as the repository has it. Throws if there is none. */
    ActiveRun get(String name) {
        return active.computeIfAbsent(name, this::open);
    }

    private ActiveRun open(String name) {
        Run run = runs.find(name).orElseThrow(() -> new IllegalStateException("There is no run '%s'".formatted(name)));
        Plan plan = run.plan();
        ConvexClient client = ConvexClient.builder(URI.create(run.deploymentUrl()))
                .deployKey(key)
                .clientName("backfill-0.1.0")
                .maxConnections(2 * plan.throttle().concurrency() + SPARE_CONNECTIONS)
                .build();
        return new ActiveRun(run, plan, client, settings, repository, code::at);
    }

    /** Stops a run in this process at once; who asked has also told the repository. */
    void stop(String name, String reason) {
        ActiveRun run = active.get(name);
        if (run != null) {
            run.stop().give(reason);
        }
    }

    /** What the run's calls are waiting for; null if they are not. */
    @Nullable
    FailureCategory recentTrouble(String name) {
        ActiveRun run = active.get(name);
        return run == null ? null : run.recentTrouble(RECENT);
    }

    private void watch() {
        while (!closed.await(LOOK_FOR_STOP_EVERY)) {
            active.forEach((name, run) -> {
                try {
                    if (!run.stop().isGiven() && runs.isStopRequested(name)) {
                        run.stop().give("the run is to stop");
                    }
                } catch (DataAccessException | TransactionException unreachable) {
                    LOG.debug("The repository can't be asked whether run {} is to stop", name, unreachable);
                }
            });
        }
    }

    @Override
    public void close() {
        closed.give("the process ends");
        active.values().forEach(ActiveRun::close);
        code.close();
    }
}
