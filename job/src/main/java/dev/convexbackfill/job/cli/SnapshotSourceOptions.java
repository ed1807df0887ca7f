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

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.progress.Tally;
import dev.convexbackfill.job.snapshot.SnapshotSource;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which deployment is read, and how. */
final class SnapshotSourceOptions {

    @Mixin
    private final DeploymentOptions deployment = new DeploymentOptions();

    @Option(names = "--scan", description = "Read tables page by page also where the deployment allows streaming export.")
    private boolean scan;

    @Option(names = "--functions", paramLabel = "MODULE", defaultValue = "backfill", description = "What the functions of convex-backfill are installed as; only needed to read page by page. Default: ${DEFAULT-VALUE}.")
    private String functions = "backfill";

    ConvexClient client() {
        return ConvexClient.builder(deployment.url()).deployKey(deployment.key()).build();
    }

    SnapshotSource source(ConvexClient client, StopSignal stop, Tally tally) {
        BackfillSettings settings = RepositoryOptions.settings();
        CallOptions options = CallOptions.DEFAULT.withTimeout(settings.callTimeout())
                .withRetry(RetryPolicy.DEFAULT.withGiveUpAfter(settings.giveUpAfter()))
                .withListener((_, category, _) -> tally.heard(category)).withStop(stop);
        return new SnapshotSource(client, options, functions, !scan);
    }
}
