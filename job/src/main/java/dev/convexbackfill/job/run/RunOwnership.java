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

import dev.convexbackfill.partitioner.dispatch.Lease;
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import dev.convexbackfill.partitioner.dispatch.TaskStore;
import org.springframework.transaction.support.TransactionOperations;

/** That this process manages a run. One that was silent for too long must not undo what its successor has saved. */
final class RunOwnership {

    private final Lease lease;
    private final TaskStore tasks;
    private final TransactionOperations transactions;
    private final Runnable onLost;

    /** {@code onLost} must end the process. */
    RunOwnership(Lease lease, TaskStore tasks, TransactionOperations transactions, Runnable onLost) {
        this.lease = lease;
        this.tasks = tasks;
        this.transactions = transactions;
        this.onLost = onLost;
    }

    /** Ends the process if the run was taken over. */
    void require() {
        if (!tasks.isHeld(TaskQueue.RUNS, lease.task(), lease.version())) {
            lose();
        }
    }

    /** Saves in one transaction, during which nobody takes the run over; ends the process if somebody has. */
    void save(Runnable change) {
        boolean isOwner = transactions.execute(_ -> {
            boolean held = tasks.keepHeld(TaskQueue.RUNS, lease.task(), lease.version());
            if (held) {
                change.run();
            }
            return held;
        });
        if (!isOwner) {
            lose();
        }
    }

    private void lose() {
        onLost.run();
        throw new IllegalStateException("Run '%s' was taken over by another process".formatted(lease.task().run()));
    }
}
