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
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.progress.Tally;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.snapshot.Manifest;
import dev.convexbackfill.job.snapshot.SnapshotName;
import dev.convexbackfill.job.snapshot.SnapshotPlace;
import dev.convexbackfill.job.snapshot.SnapshotPlace.Leftover;
import dev.convexbackfill.job.snapshot.SnapshotTaking;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "snapshot", description = "Take a rollback point: schema, indexes, counts, and the documents of tables. Reads only.", subcommands = {
        SnapshotListCommand.class, SnapshotDiffCommand.class, SnapshotRestoreCommand.class})
final class SnapshotCommand implements Callable<Integer> {

    private static final int LEAST_PASSES = 2;

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "The snapshot's name. Default: snapshot- and the time.")
    private @Nullable String name;

    @Option(names = "--table", paramLabel = "TABLE", description = "Keep all documents of TABLE, too. Can be given several times.")
    private List<String> tables = new ArrayList<>();

    @Option(names = "--all", description = "Keep all documents of all tables of the app.")
    private boolean all;

    @Option(names = "--passes", paramLabel = "N", defaultValue = "5", description = "Where there is no streaming export: how often a table is read at most until two readings are alike. Default: ${DEFAULT-VALUE}.")
    private int passes = 5;

    @Mixin
    private final SnapshotPlaceOptions places = new SnapshotPlaceOptions();

    @Mixin
    private final SnapshotSourceOptions deployment = new SnapshotSourceOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        String wanted = name == null ? SnapshotName.at(Instant.now()) : SnapshotName.require(name);
        if (all && !tables.isEmpty()) {
            throw new RefusedException("Give --table or --all, not both");
        }
        if (passes < LEAST_PASSES) {
            throw new RefusedException("--passes must be 2 or more, not %d".formatted(passes));
        }
        StopSignal stop = StopSignal.never();
        Tally tally = new Tally();
        try (ConvexClient client = deployment.client(); SnapshotPlace place = places.open()) {
            sayLeftovers(place.clean());
            return FollowedWork
                    .follow(output, wanted, tally, stop,
                            () -> new SnapshotTaking(deployment.source(client, stop, tally), place, passes, tally)
                                    .take(wanted, tables, all))
                    .map(manifest -> end(manifest, place)).orElseGet(() -> {
                        output.say("\nThe snapshot was stopped by %s; there is none.".formatted(stop.reason()));
                        return ExitCode.STOPPED;
                    });
        }
    }

    private void sayLeftovers(List<Leftover> leftovers) {
        leftovers.forEach(left -> output.say(left.isInUse()
                ? "Left alone, somebody may still be writing it: " + left.what()
                : "Deleted what a snapshot that did not end has left: " + left.what()));
    }

    private int end(Manifest manifest, SnapshotPlace place) {
        output.result(SnapshotText.toMap(manifest, place));
        output.say("\nSnapshot '%s' is in %s\n".formatted(manifest.name(), place.describe()));
        SnapshotText.lines(manifest).forEach(output::say);
        if (manifest.content().isEmpty()) {
            output.say("\nIt has no documents. Those of a table are kept with --table, those of all with --all.");
        } else {
            output.say("\nFiles in storage (_storage) are not in it: npx convex export --include-file-storage");
            output.say("See what has changed since: ./backfill snapshot diff %s --now%s".formatted(manifest.name(),
                    places.text()));
        }
        boolean isSettled = manifest.content().stream().allMatch(table -> table.consistency().isSettled());
        if (!isSettled) {
            output.say(
                    "\nThe app went on writing to a table while it was read %d times; its documents are not as of one time. Try again with a larger --passes, or when the app writes less."
                            .formatted(passes));
        }
        return isSettled ? ExitCode.COMPLETED : ExitCode.COMPLETED_WITH_QUARANTINE;
    }

    /** Documents in words. */
    static String documents(long number) {
        return number == 1 ? "1 document" : ProgressText.number(number) + " documents";
    }
}
