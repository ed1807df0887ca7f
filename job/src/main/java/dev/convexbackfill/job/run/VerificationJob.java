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

import dev.convexbackfill.partitioner.range.RangeStore;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.partition.PartitionHandler;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.builder.StepBuilder;

/** Makes the job of a verification: hold the parts of the run against each other, go through the ranges, compare what is left. */
final class VerificationJob {

    private VerificationJob() {}

    static Job of(ActiveRun active, JobRepository repository, RangeStore ranges, PartitionHandler handler) {
        return new JobBuilder(RunJob.NAME, repository)
                .start(step("account", repository, active, () -> active.verification().account(), true))
                .next(new StepBuilder("ranges", repository)
                        .partitioner(RangeStep.NAME, _ -> RunJob.partitions(ranges.list(active.run().name())))
                        .partitionHandler(handler)
                        .build())
                // not again once it is done: then what it compares is gone
                .next(step("compare", repository, active, () -> active.verification().compare(), false))
                .next(step("forget", repository, active, () -> active.verification().forget(), true))
                .build();
    }

    private static Step step(String name, JobRepository repository, ActiveRun active, RunJob.StepWork work,
            boolean again) {
        return new StepBuilder(name, repository).tasklet(RunJob.stoppable(active, work)).allowStartIfComplete(again)
                .build();
    }
}
