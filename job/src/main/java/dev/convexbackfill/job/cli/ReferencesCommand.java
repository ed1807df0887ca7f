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

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.reference.PutBack;
import dev.convexbackfill.job.reference.ReferenceStore;
import dev.convexbackfill.job.reference.SearchState;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "references", description = "Find what still refers to documents by the ids that they had before a rollback put them back. Reads"
        + " only. The exit code is 3 if there is something.")
final class ReferencesCommand implements Callable<Integer> {

    private static final int MAX_SHOWN = 1000;

    @Parameters(paramLabel = "ROLLBACK", description = "The rollback that has put documents back.")
    private @Nullable String name;

    @Option(names = "--again", description = "Read all tables again, also if that was done before.")
    private boolean again;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "How many references to show. Default: ${DEFAULT-VALUE}.")
    private int limit = 20;

    @Option(names = "--csv", paramLabel = "FILE", description = "Also write all that are kept, the first 100 of each field, to a CSV file, with a header.")
    private @Nullable Path csv;

    @Mixin
    private final DeploymentOptions deployment = new DeploymentOptions();

    @Mixin
    private final RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        if (limit < 0 || limit > MAX_SHOWN) {
            throw new RefusedException("--limit must be from 0 to %d; --csv writes all".formatted(MAX_SHOWN));
        }
        String rollback = requireNonNull(name);
        try (RunContext context = repository.open(RepositoryOptions.settings())) {
            RunRepository stores = context.repository();
            Run run = stores.runs().find(rollback).orElseThrow(() -> ResumeCommand.unknown(rollback));
            ResumeCommand.requireSameDeployment(deployment, run);
            PutBack.require(run, stores);
            ReferenceStore store = new ReferenceStore(stores.jdbc(), stores.transactions());
            StopSignal stop = StopSignal.never();
            if (again || store.find(rollback).filter(SearchState::isComplete).isEmpty()) {
                search(stores, run, deployment.key(), stop);
            }
            ReferencesReport report = new ReferencesReport(stores, store, run, limit, output);
            int code = report.show(stop.reason());
            if (csv != null) {
                report.writeCsv(csv);
            }
            return code;
        }
    }

    private void search(RunRepository stores, Run run, DeployKey key, StopSignal stop) {
        try {
            FollowedSearch.complete(stores, run, key, again, stop, output);
        } catch (RefusedException refused) {
            throw refused;
        } catch (RuntimeException failed) {
            LoggerFactory.getLogger(ReferencesCommand.class).error("The search for references failed", failed);
            throw new IllegalStateException(
                    "The search for references failed (%s), and what was found is kept; go on where it is with: ./backfill references %s"
                            .formatted(
                                    failed.getMessage(), run.name()),
                    failed);
        }
    }
}
