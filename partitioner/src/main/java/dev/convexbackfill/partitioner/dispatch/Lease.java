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

import dev.convexbackfill.client.StopSignal;
import java.util.function.BooleanSupplier;

/**
 * A task that this process holds. It loses it if it can't say for a while that it lives; others may then have taken it.
 */
public final class Lease {

    /** Room for versions of one task below one step execution's id. */
    private static final int VERSION_BITS = 20;

    private final TaskId task;
    private final long version;
    private final StopSignal ended;
    private final BooleanSupplier fresh;

    Lease(TaskId task, long version, StopSignal ended, BooleanSupplier fresh) {
        this.task = task;
        this.version = version;
        this.ended = ended;
        this.fresh = fresh;
    }

    public TaskId task() {
        return task;
    }

    /** Grows each time that the task changes hands, but begins anew with each new task. */
    public long version() {
        return version;
    }

    /**
     * A number that grows with each owner of a range, also over restarts: step executions of a range have growing ids, and the
     * task of one has growing versions.
     */
    public long fence() {
        return (task.number() << VERSION_BITS) + Math.min(version, (1L << VERSION_BITS) - 1);
    }

    /** Given when the task is lost, or this process is to let it go. */
    public StopSignal ended() {
        return ended;
    }

    /** False if so long has passed since the last sign of life that others may soon take the task: then nothing more may be written. */
    public boolean isFresh() {
        return fresh.getAsBoolean();
    }
}
