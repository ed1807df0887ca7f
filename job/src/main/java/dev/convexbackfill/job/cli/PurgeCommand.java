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

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunPurge;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.readerswriters.journal.JournalInUseException;
import dev.convexbackfill.readerswriters.journal.JournalStore.JournalSize;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes runs, or only what would undo them. */
@Command(name = "purge", description = "Delete what is kept of a run: in the repository, and its ledger in the deployment.")
final class PurgeCommand implements Callable<Integer> {

    @Parameters(paramLabel = "RUN", arity = "0..1", description = "The run, with its replays, rollbacks and verifications.")
    private @Nullable String name;

    @Option(names = "--older-than", paramLabel = "TIME", description = "Instead of one run: all that have completed so long ago, such as 30d.")
    private @Nullable String olderThan;

    @Option(names = "--journal", description = "Only the journal, which is most of what is kept. The run can't be undone any more; all else stays.")
    private boolean journalOnly;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Mixin
    private final DeploymentOptions deployment = new DeploymentOptions();

    @Mixin
    private final RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        if ((name == null) == (olderThan == null)) {
            throw new RefusedException("Which run? ./backfill purge RUN, or --older-than 30d for all that are as old");
        }
        try (RunContext context = repository.open(RepositoryOptions.settings())) {
            RunRepository stores = context.repository();
            RunPurge purge = new RunPurge(stores);
            List<Run> runs = runs(stores);
            long bytes = 0;
            for (Run run : runs) {
                for (Run one : purge.family(run)) {
                    JournalSize size = stores.transactions().execute(_ -> stores.stores().journal().size(one.name()));
                    output.say("%s: %s, %s for %s documents".formatted(one.name(), one.state(),
                            size.chunks() == 0 ? "no journal" : "a journal of " + ProgressText.bytes(size.bytes()),
                            ProgressText.number(size.documents())));
                    bytes += size.bytes();
                }
            }
            if (bytes > 0) {
                confirm(runs);
            }
            for (Run run : runs) {
                try {
                    purge(purge, run);
                } catch (JournalInUseException inUse) {
                    output.say(
                            "%s. The run can't be undone any more, but what is kept of it is not deleted yet. When they have ended: ./backfill purge %s%s"
                                    .formatted(inUse.getMessage(), run.name(), journalOnly ? " --journal" : ""));
                    return ExitCode.FAILED;
                }
            }
            Map<String, @Nullable Object> result = new LinkedHashMap<>();
            result.put(journalOnly ? "journalsDropped" : "purged", runs.stream().map(Run::name).toList());
            result.put("journalBytes", bytes);
            output.result(result);
            output.say(runs.isEmpty() ? "There is nothing to purge."
                    : "%s of %s.".formatted(journalOnly ? "Dropped the journal" : "Purged all that was kept",
                            String.join(", ", runs.stream().map(Run::name).toList())));
        }
        return ExitCode.COMPLETED;
    }

    private List<Run> runs(RunRepository stores) {
        String one = name;
        if (one != null) {
            Run run = stores.runs().find(one).orElseThrow(() -> ResumeCommand.unknown(one));
            ResumeCommand.requireSameDeployment(deployment, run);
            @Nullable
            String of = switch (run.kind()) {
                case RunKind.Backfill _ -> null;
                case RunKind.Retry(var replay) -> replay.of();
                case RunKind.Rollback(String undone, _, _) -> undone;
                case RunKind.Verification(String verified, _) -> verified;
            };
            if (of != null) {
                throw new RefusedException("Run '%s' belongs to '%s', and is purged with it: ./backfill purge %s"
                        .formatted(one, of, of));
            }
            return List.of(run);
        }
        Instant before = Instant.now().minus(age());
        List<Run> old = new ArrayList<>();
        for (Run run : stores.runs().list()) {
            Instant ended = run.endedAt();
            if (run.kind() instanceof RunKind.Backfill && run.state() == RunState.COMPLETED && ended != null
                    && ended.isBefore(before)) {
                old.add(run);
            }
        }
        return old;
    }

    private Duration age() {
        try {
            return DurationStyle.SIMPLE.parse(String.valueOf(olderThan));
        } catch (IllegalArgumentException _) {
            throw new RefusedException(
                    "--older-than is '%s' and must be a time such as 12h or 30d".formatted(olderThan));
        }
    }

    private void confirm(List<Run> runs) {
        if (yes) {
            return;
        }
        String what = runs.size() == 1 ? runs.getFirst().name() : runs.size() + " runs";
        if (!output.isTerminal()) {
            throw new RefusedException(
                    "After this %s can't be undone any more. Nothing was deleted. If that is what you want, add --yes"
                            .formatted(what));
        }
        String answer = requireNonNull(System.console())
                .readLine("After this %s can't be undone any more. Type '%s' to go on: ", what, what);
        if (!what.equals(answer)) {
            throw new RefusedException("Nothing was deleted");
        }
    }

    private void purge(RunPurge purge, Run run) {
        if (journalOnly) {
            purge.dropJournals(run);
            return;
        }
        try (ConvexClient client = ConvexClient.builder(URI.create(run.deploymentUrl())).deployKey(deployment.key())
                .build()) {
            String functions = run.plan().functions();
            new DeploymentCheck(client).requireUsable(functions);
            purge.purge(run, new Ledger(client, CallOptions.DEFAULT, functions));
        }
    }
}
