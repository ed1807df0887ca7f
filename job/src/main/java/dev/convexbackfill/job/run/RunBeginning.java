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

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.job.point.PointReader;
import dev.convexbackfill.job.point.PointStore;
import dev.convexbackfill.job.point.PointStore.Beginning;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;

/** Keeps what the deployment was when a run began. A run does not wait for it for long, and does not fail without it. */
final class RunBeginning {

    private static final CallOptions SHORT = CallOptions.DEFAULT.withTimeout(Duration.ofSeconds(5))
            .withRetry(RetryPolicy.DEFAULT.withGiveUpAfter(Duration.ofSeconds(2)));

    private RunBeginning() {}

    /** Does nothing for a run that has begun before, also where nothing could be learned then: it would not be the beginning. */
    static void keep(ActiveRun active) {
        PointStore points = active.repository().points();
        Run run = active.run();
        if (points.find(run.name()).isEmpty()) {
            points.create(run.name(), read(active, tables(run)));
        }
    }

    private static Set<String> tables(Run run) {
        return run.write() instanceof Write.InsertInto(String target) && !target.equals(run.table())
                ? Set.of(run.table(), target)
                : Set.of(run.table());
    }

    private static Beginning read(ActiveRun active, Set<String> tables) {
        try {
            PointReader reader = new PointReader(active.client(), SHORT.withStop(active.stop()), Clock.systemUTC());
            return new Beginning(reader.read(tables::contains), null);
        } catch (ConvexException failure) {
            if (failure.category() == FailureCategory.ABANDONED) {
                throw failure;
            }
            return new Beginning(null, failure.getMessage());
        }
    }
}
