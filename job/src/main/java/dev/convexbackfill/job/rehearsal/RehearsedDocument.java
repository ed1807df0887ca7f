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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.local.schema.Misfit;
import org.jspecify.annotations.Nullable;

/**
 * A document as it is, and what a run would make of it.
 *
 * @param before       as it was read
 * @param wanted       as the plan would have it, whether the deployment takes that or not
 * @param sent         what it adds to the size of its chunk, in bytes; 0 if the run sends no change of it
 * @param activeMisfit where {@code wanted} does not fit the schema in force; null if it does
 * @param pendingMisfit where {@code wanted} does not fit the schema that is being deployed; null if it does
 */
public record RehearsedDocument(ConvexObject before, ConvexObject wanted, Forecast forecast, long sent,
        @Nullable Misfit activeMisfit, @Nullable Misfit pendingMisfit) {

    public String id() {
        return before.string(FieldName.ID);
    }

    /** As it is after the run. */
    public ConvexObject after() {
        return switch (forecast) {
            case Forecast.Changed(ConvexObject after) -> after;
            case Forecast.Called(ConvexObject after, ConvexObject _) -> after;
            case Forecast.Unchanged _,Forecast.Deleted _,Forecast.Quarantined _,Forecast.Fails _ -> before;
        };
    }

    /** True if a change of it is sent and the deployment refuses it. */
    boolean isRejected() {
        return sent > 0 && forecast instanceof Forecast.Quarantined;
    }

    long sizeBefore() {
        return ValueLimits.sizeOf(before);
    }
}
