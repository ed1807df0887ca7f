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
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;

/** What the step of a range reads and does. For one attempt. */
interface StepItems {

    /** The step, which ends when {@code stop} is given. */
    Step step(String name, JobRepository repository, StopSignal stop);

    /** True if the attempt has moved the position of the range. */
    boolean hasProgressed();

    /** True if every document of the range is accounted for. */
    boolean isComplete();
}
