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

import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.partitioner.ledger.Ledger.RunLedger;
import dev.convexbackfill.partitioner.ledger.LedgerEntry;
import dev.convexbackfill.partitioner.range.RangeStore;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.partition.PartitionHandler;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;

/** Makes the job of a run: open its ledger, find the documents if an index selects them, work through its ranges, prove that nothing is missing. */
final class RunJob {

    static final String NAME = "backfill";
    static final String RUN_PARAMETER = "run";
    static final String PLAN_PARAMETER = "plan";
    /** Only of the job of a canary: that it ends with the slice. */
    static final String SLICE_PARAMETER = "slice";

    private RunJob() {}

    /** A plan that was changed and accepted makes another job of the same run; the ledger goes on. */
    static JobParameters parameters(Run run) {
        return new JobParametersBuilder().addString(RUN_PARAMETER, run.name())
                .addString(PLAN_PARAMETER, run.planDigest())
                .toJobParameters();
    }

    /** Those of the job that changes the slice of a run's canary. */
    static JobParameters parametersOfSlice(Run run) {
        return new JobParametersBuilder(parameters(run)).addString(SLICE_PARAMETER, "canary").toJobParameters();
    }

    static Job of(ActiveRun active, JobRepository repository, RangeStore ranges, PartitionHandler handler) {
        return new JobBuilder(NAME, repository)
                .start(new StepBuilder("open", repository).tasklet(openLedger(active, ranges))
                        .allowStartIfComplete(true).build())
                .next(new StepBuilder("secure", repository).tasklet(stoppable(active, active::secureUndone))
                        .allowStartIfComplete(true).build())
                .next(new StepBuilder("find", repository).tasklet(stoppable(active, active::findDocuments))
                        .allowStartIfComplete(true).build())
                .next(new StepBuilder("ranges", repository)
                        .partitioner(RangeStep.NAME, _ -> partitions(ranges.list(active.run().name())))
                        .partitionHandler(handler)
                        .build())
                .next(new StepBuilder("close", repository).tasklet(proveCompleteness(active, ranges))
                        .allowStartIfComplete(true).build())
                .build();
    }

    /** The same partitions whenever it is asked: they were stored with the run. */
    static Map<String, ExecutionContext> partitions(List<RangeRow> rows) {
        Map<String, ExecutionContext> partitions = new HashMap<>();
        rows.forEach(row -> partitions.put(RangeStep.partition(row.range().number()), new ExecutionContext()));
        return partitions;
    }

    interface StepWork {

        void run() throws JobInterruptedException;
    }

    /** A step that a stop ends as STOPPED, also where it waits for the deployment. */
    static Tasklet stoppable(ActiveRun active, StepWork work) {
        return (_, _) -> {
            try {
                work.run();
                return RepeatStatus.FINISHED;
            } catch (ConvexException failure) {
                if (active.stop().isGiven()) {
                    throw new JobInterruptedException("The run was left because of a stop: " + active.stop().reason());
                }
                throw failure;
            }
        };
    }

    static Tasklet openLedger(ActiveRun active, RangeStore ranges) {
        return stoppable(active, () -> {
            Run run = active.run();
            RunBeginning.keep(active);
            List<RangeRow> rows = ranges.list(run.name());
            List<String> ledger = active.ledger(active.stop()).open(run.name(), run.token(), run.table(),
                    rows.stream().map(row -> row.range().bounds()).toList());
            if (ledger.size() != rows.size()) {
                throw new IllegalStateException(
                        "The ledger has %d ranges and the run %d".formatted(ledger.size(), rows.size()));
            }
            if (rows.stream().anyMatch(row -> !ledger.get(row.range().number()).equals(row.ledger()))) {
                ranges.setLedger(run.name(), ledger);
            }
        });
    }

    /** The deployment itself must say of every range that it is done and that every document is accounted for. */
    private static Tasklet proveCompleteness(ActiveRun active, RangeStore ranges) {
        return stoppable(active, () -> {
            Run run = active.run();
            RunLedger ledger = active.ledger(active.stop()).read(run.name()).orElseThrow(
                    () -> new IllegalStateException(
                            "The deployment has no ledger of run '%s' any more".formatted(run.name())));
            List<RangeRow> rows = ranges.list(run.name());
            List<Integer> incomplete = new ArrayList<>();
            for (RangeRow row : rows) {
                int number = row.range().number();
                LedgerEntry entry = number < ledger.entries().size() ? ledger.entries().get(number) : null;
                if (entry == null || !entry.isComplete()) {
                    incomplete.add(number);
                } else {
                    ranges.follow(run.name(), entry);
                }
            }
            if (!incomplete.isEmpty() || !ledger.token().equals(run.token())
                    || ledger.entries().size() != rows.size()) {
                throw new IllegalStateException(
                        "The ledger does not prove that ranges %s are complete".formatted(incomplete));
            }
        });
    }
}
