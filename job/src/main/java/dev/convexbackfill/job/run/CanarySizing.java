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

import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.job.canary.Canary;
import dev.convexbackfill.job.canary.CanarySize;
import dev.convexbackfill.job.canary.CanarySlice;
import dev.convexbackfill.job.canary.CanaryStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides once how many documents the canary of a run takes. */
final class CanarySizing {

    private static final Logger LOG = LoggerFactory.getLogger(CanarySizing.class);

    private final ActiveRun active;
    private final CanaryStore canaries;

    CanarySizing(ActiveRun active) {
        this.active = active;
        this.canaries = active.repository().canaries();
    }

    /** After a crash, what was stored stays. Documents that an index selects must have been found. */
    void decide() {
        String run = active.run().name();
        Canary canary = canaries.find(run).orElseThrow();
        if (canary.slice() == null) {
            canaries.setSlice(run, switch (canary.asked()) {
                case CanarySize.Documents(long number) -> new CanarySlice(number, null, false);
                case CanarySize.Percent percent -> part(percent);
            });
        }
    }

    private CanarySlice part(CanarySize.Percent percent) {
        if (active.plan().where().isSearched()) {
            long found = active.repository().selections().progress(active.run().name()).found();
            return new CanarySlice(percent.of(found), found, false);
        }
        long documents;
        try {
            documents = new DeploymentAdmin(active.client(), active.calls(active.stop()))
                    .tableSize(active.run().table());
        } catch (ConvexException unknown) {
            if (active.stop().isGiven()) {
                throw unknown;
            }
            LOG.info("The deployment does not say how many documents '{}' has", active.run().table(), unknown);
            long estimate = TableEstimate.documents(active.repository().stores().ranges().list(active.run().name())
                    .stream().map(row -> row.range()).toList(), active.pages(TableEstimate.DOCUMENTS_OF_RANGE),
                    active.calls(active.stop()));
            return new CanarySlice(percent.of(estimate), estimate, true);
        }
        return new CanarySlice(percent.of(documents), documents, false);
    }
}
