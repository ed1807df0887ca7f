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
package dev.convexbackfill.job.cli;

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.progress.Tally;
import dev.convexbackfill.job.reference.ReferenceSearch;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import java.net.URI;

/** Looks for references while people look on. */
final class FollowedSearch {

    private FollowedSearch() {}

    /** As {@link ReferenceSearch#complete}; false also if it was stopped by Ctrl-C or SIGTERM, which give {@code stop}. */
    static boolean complete(RunRepository repository, Run rollback, DeployKey key, boolean again, StopSignal stop,
            Output output) {
        BackfillSettings settings = RepositoryOptions.settings();
        Tally tally = new Tally();
        try (ConvexClient client = ConvexClient.builder(URI.create(rollback.deploymentUrl())).deployKey(key).build()) {
            ReferenceSearch search = new ReferenceSearch(repository, rollback, client, settings, tally, stop);
            return FollowedWork.follow(output, "references", tally, stop, () -> search.complete(again)).orElse(false);
        }
    }
}
