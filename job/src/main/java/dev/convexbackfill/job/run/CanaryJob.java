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

import dev.convexbackfill.partitioner.ledger.Ledger.RunLedger;
import dev.convexbackfill.partitioner.ledger.LedgerEntry;
import dev.convexbackfill.partitioner.range.RangeStore;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import java.util.ArrayList;
import java.util.List;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.partition.PartitionHandler;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.core.step.tasklet.Tasklet;

/**
 * Makes the job of a run's canary: as that of the run, but each range is left after its share, and the proof is of that. It is a job
 * of its own, so that what follows begins with ranges that no step has ended.
 */
final class CanaryJob {

    private CanaryJob() {}

    static Job of(ActiveRun active, JobRepository repository, RangeStore ranges, PartitionHandler handler) {
        return new JobBuilder(RunJob.NAME, repository)
                .start(step("open", repository, RunJob.openLedger(active, ranges)))
                .next(step("find", repository, RunJob.stoppable(active, active::findDocuments)))
                .next(step("size", repository, RunJob.stoppable(active, () -> new CanarySizing(active).decide())))
                .next(new StepBuilder("ranges", repository)
                        .partitioner(RangeStep.NAME, _ -> RunJob.partitions(ranges.list(active.run().name())))
                        .partitionHandler(handler)
                        .build())
                .next(step("close", repository, RunJob.stoppable(active, () -> proveSlice(active, ranges))))
                .build();
    }

    private static Step step(String name, JobRepository repository, Tasklet work) {
        return new StepBuilder(name, repository).tasklet(work).allowStartIfComplete(true).build();
    }

    /** The deployment itself must say of every range that its share is accounted for, and that nothing more was touched. */
    private static void proveSlice(ActiveRun active, RangeStore ranges) {
        Run run = active.run();
        RunLedger ledger = active.ledger(active.stop()).read(run.name()).orElseThrow(() -> new IllegalStateException(
                "The deployment has no ledger of run '%s' any more".formatted(run.name())));
        List<Integer> wrong = new ArrayList<>();
        for (RangeRow row : ranges.list(run.name())) {
            int number = row.range().number();
            LedgerEntry entry = number < ledger.entries().size() ? ledger.entries().get(number) : null;
            if (entry == null || !isSlice(entry, active.shareOfCanary(number))) {
                wrong.add(number);
            } else {
                ranges.follow(run.name(), entry);
            }
        }
        if (!wrong.isEmpty() || !ledger.token().equals(run.token())) {
            throw new IllegalStateException(
                    "The ledger does not prove that of ranges %s the canary's share is accounted for, and no more"
                            .formatted(wrong));
        }
    }

    private static boolean isSlice(LedgerEntry entry, long share) {
        return entry.isSettled() && (entry.isDone() ? entry.counts().read() <= share : entry.counts().read() == share);
    }
}
