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

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.StopSignal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobInstance;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.repository.support.ResourcelessJobRepository;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.infrastructure.item.ExecutionContext;

/** A step that is made to end before its range does must not look as if it had reached the end. */
class RangeStepTest {

    private final List<Integer> written = new ArrayList<>();

    private BatchStatus execute(Consumer<StopSignal> afterFirst) throws Exception {
        JobRepository repository = new ResourcelessJobRepository();
        JobInstance instance = repository.createJobInstance("job", new JobParameters());
        JobExecution job = repository.createJobExecution(instance, new JobParameters(), new ExecutionContext());
        StepExecution execution = repository.createStepExecution("range:0001", job);
        StopSignal stop = StopSignal.never();
        int[] next = {0};
        try {
            RangeStep.<Integer, Integer>of("range:0001", repository, () -> {
                if (next[0] == 1) {
                    afterFirst.accept(stop);
                }
                return next[0] < 5 ? next[0]++ : null;
            }, item -> item, chunk -> written.addAll(chunk.getItems()), stop).execute(execution);
        } finally {
            // the interrupt is for the step; the test goes on
            Thread.interrupted();
        }
        return execution.getStatus();
    }

    @Test
    void anInterruptedThreadEndsItAsStopped() throws Exception {
        assertThat(execute(_ -> Thread.currentThread().interrupt())).isEqualTo(BatchStatus.STOPPED);
        assertThat(written).hasSizeLessThan(5);
    }

    @Test
    void aStopEndsItAsStopped() throws Exception {
        assertThat(execute(stop -> stop.give("enough"))).isEqualTo(BatchStatus.STOPPED);
        assertThat(written).hasSizeLessThan(5);
    }

    @Test
    void withoutEitherItReachesTheEnd() throws Exception {
        assertThat(execute(_ -> {})).isEqualTo(BatchStatus.COMPLETED);
        assertThat(written).containsExactly(0, 1, 2, 3, 4);
    }
}
