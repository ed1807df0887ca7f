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

import dev.convexbackfill.client.StopSignal;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepInterruptionPolicy;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ItemProcessor;
import org.springframework.batch.infrastructure.item.ItemReader;
import org.springframework.batch.infrastructure.item.ItemWriter;

/** Makes the Spring Batch step that executes one range: a slice is an item, and after each item comes a checkpoint. */
final class RangeStep {

    /** The name of the partitioned step's workers; a range's step execution is called {@code range:0007}. */
    static final String NAME = "range";

    private RangeStep() {}

    /** The partition's part of a step execution's name. */
    static String partition(int range) {
        return "%04d".formatted(range);
    }

    /** The range's number, from a step execution's name. */
    static int rangeOf(String stepName) {
        return Integer.parseInt(stepName.substring(stepName.indexOf(':') + 1));
    }

    static <I, O> Step of(String stepName, JobRepository repository, ItemReader<I> reader,
            ItemProcessor<I, O> processor,
            ItemWriter<O> writer, StopSignal stop) {
        return new StepBuilder(stepName, repository)
                .<I, O>chunk(1)
                .reader(reader)
                .processor(processor)
                .writer(writer)
                .interruptionPolicy(stopOnSignalOrInterrupt(stop))
                .build();
    }

    /** The framework's own policy lets a step that was interrupted end as COMPLETED, with documents unread. */
    private static StepInterruptionPolicy stopOnSignalOrInterrupt(StopSignal stop) {
        return step -> {
            if (stop.isGiven() || Thread.currentThread().isInterrupted()) {
                step.setTerminateOnly();
            }
            if (step.isTerminateOnly()) {
                throw new JobInterruptedException("step " + step.getStepName() + " was interrupted");
            }
        };
    }
}
