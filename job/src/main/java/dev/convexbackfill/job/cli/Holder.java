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

import dev.convexbackfill.job.canary.Canary;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.partitioner.dispatch.TaskId;
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import dev.convexbackfill.partitioner.dispatch.TaskStore.TaskRow;
import java.time.Duration;
import java.util.Optional;

/** Which process executes a run. */
final class Holder {

    private Holder() {}

    /** The task that it holds; empty if none does. The verification of a canary is executed by whoever executes the run. */
    static Optional<TaskRow> of(Run run, RunRepository stores, Duration lease) {
        String managed = stores.canaries().findByVerification(run.name()).map(Canary::run).orElse(run.name());
        return stores.tasks().find(TaskQueue.RUNS, TaskId.ofRun(managed)).filter(task -> !task.isFree(lease));
    }
}
