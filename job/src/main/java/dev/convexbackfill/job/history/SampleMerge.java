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
package dev.convexbackfill.job.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes fewer samples of many, by merging neighbours that are short: so what is left has about the same length everywhere, and
 * the sums stay what they are.
 */
public final class SampleMerge {

    private SampleMerge() {}

    /**
     * Returns at most {@code max} samples, and {@code samples} themselves if they are no more. Samples of two executions stay
     * apart as long as that is possible: nothing happened between them.
     */
    public static List<Sample> atMost(int max, List<Sample> samples) {
        if (samples.size() <= max) {
            return samples;
        }
        List<Sample> merged = merge(limit(max, samples), samples, true);
        return merged.size() <= max ? merged : merge(limit(max, merged), merged, false);
    }

    /** Two neighbours are longer than it together, so twice the whole divided by it is more than there can be. */
    private static Duration limit(int max, List<Sample> samples) {
        Duration worked = samples.stream().map(Sample::worked).reduce(Duration.ZERO, Duration::plus);
        return worked.multipliedBy(2).dividedBy(max).plusMillis(1);
    }

    private static List<Sample> merge(Duration limit, List<Sample> samples, boolean withinExecutions) {
        List<Sample> merged = new ArrayList<>();
        for (Sample sample : samples) {
            Sample last = merged.isEmpty() ? null : merged.getLast();
            if (last != null && (!withinExecutions || last.execution() == sample.execution())
                    && last.worked().plus(sample.worked()).compareTo(limit) <= 0) {
                merged.set(merged.size() - 1, last.plus(sample));
            } else {
                merged.add(sample);
            }
        }
        return merged;
    }
}
