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
package dev.convexbackfill.job.canary;

import org.jspecify.annotations.Nullable;

/**
 * Which documents a canary takes: of each range the first, all together so many. Ids are random and ranges divide their space, so
 * that is as good as drawing them.
 *
 * @param documents   how many, if the ranges have that many
 * @param ofDocuments of how many, where a part of them was asked for; null otherwise
 * @param isEstimate  true if {@code ofDocuments} was not counted
 */
public record CanarySlice(long documents, @Nullable Long ofDocuments, boolean isEstimate) {

    /** How many documents a range gives, of so many ranges: together exactly {@link #documents}. */
    public long share(int range, int ranges) {
        return Math.multiplyExact(documents, range + 1) / ranges - Math.multiplyExact(documents, range) / ranges;
    }
}
