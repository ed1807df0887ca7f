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
package dev.convexbackfill.job.rehearsal;

import dev.convexbackfill.client.StopSignal;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;

/** Does pieces of work at once, so many at a time. The first that fails stops the others. */
final class Parallel {

    private Parallel() {}

    /** A piece of work; once the stop signal was given it may end early, also by throwing. */
    interface Work {

        void run() throws Exception;
    }

    /** Returns when all is done, or has ended because of {@code stop}. Throws what the first that failed has thrown. */
    static void run(List<? extends Work> all, int atOnce, ExecutorService executor, StopSignal stop) throws Exception {
        Queue<Work> rest = new ConcurrentLinkedQueue<>(all);
        List<Future<@Nullable Void>> workers = new ArrayList<>();
        for (int i = 0; i < Math.min(atOnce, all.size()); i++) {
            Callable<@Nullable Void> worker = () -> work(rest, stop);
            workers.add(executor.submit(worker));
        }
        Exception failure = null;
        for (Future<@Nullable Void> worker : workers) {
            try {
                worker.get();
            } catch (ExecutionException failed) {
                if (failure == null) {
                    failure = failed.getCause() instanceof Exception cause ? cause : failed;
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static @Nullable Void work(Queue<Work> rest, StopSignal stop) throws Exception {
        for (Work work = rest.poll(); work != null && !stop.isGiven(); work = rest.poll()) {
            try {
                work.run();
            } catch (JobInterruptedException _) {
                return null;
            } catch (Exception | Error failed) {
                if (stop.isGiven()) {
                    return null;
                }
                stop.give("reading has failed");
                throw failed;
            }
        }
        return null;
    }
}
