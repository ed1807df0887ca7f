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

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.progress.Tally;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.snapshot.Manifest;
import dev.convexbackfill.job.snapshot.Restore;
import dev.convexbackfill.job.snapshot.Restore.WritesBetween;
import dev.convexbackfill.job.snapshot.SnapshotPlace;
import dev.convexbackfill.job.snapshot.TableDiff;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "restore", mixinStandardHelpOptions = true, description = "Put a table back as it is in a snapshot, all at once. For an app that is stopped; a live one wants rollback.")
final class SnapshotRestoreCommand implements Callable<Integer> {

    @Parameters(paramLabel = "A", description = "The snapshot.")
    private @Nullable String name;

    @Option(names = "--table", paramLabel = "TABLE", required = true, description = "The table.")
    private @Nullable String table;

    @Option(names = "--overwrite-newer", description = "Also lose what was inserted or changed since; needs --confirm.")
    private boolean overwriteNewer;

    @Option(names = "--confirm", paramLabel = "TABLE", description = "The table once more.")
    private @Nullable String confirmed;

    @Mixin
    private final SnapshotPlaceOptions places = new SnapshotPlaceOptions();

    @Mixin
    private final SnapshotSourceOptions deployment = new SnapshotSourceOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        String snapshot = requireNonNull(name);
        String wanted = requireNonNull(table);
        if (overwriteNewer && !wanted.equals(confirmed)) {
            throw new RefusedException(
                    "--overwrite-newer loses what the app has written. If that is meant, add: --confirm " + wanted);
        }
        StopSignal stop = StopSignal.never();
        Tally tally = new Tally();
        try (ConvexClient client = deployment.client(); SnapshotPlace place = places.open()) {
            Manifest manifest = SnapshotPlaceOptions.require(place, snapshot);
            Optional<Restore.Result> result = FollowedWork.follow(output, "restore", tally, stop,
                    () -> new Restore(deployment.source(client, stop, tally), place, tally).restore(manifest, wanted,
                            difference -> requireConsent(snapshot, wanted, difference)));
            return result.map(done -> end(wanted, done)).orElseGet(() -> {
                output.say(
                        """

                                The restore was stopped by %s. The table is as it was, or, if its import had begun, as the snapshot has it
                                as soon as the deployment has completed that. See: ./backfill snapshot diff %s --now%s"""
                                .formatted(stop.reason(), snapshot, places.text()));
                return ExitCode.STOPPED;
            });
        }
    }

    private void requireConsent(String snapshot, String wanted, TableDiff.Result difference) {
        long newer = difference.extra() + difference.different();
        if (newer > 0 && !overwriteNewer) {
            throw new RefusedException(
                    """
                            '%s' has %s that the snapshot '%s' does not have, or not so: %s inserted since, %s changed since. Restoring would
                            lose that; nothing was done. The first of them:
                              %s
                            Undo what a run has done, document by document and beside a running app: ./backfill rollback RUN
                            Or lose it: ./backfill snapshot restore %s --table %s --overwrite-newer --confirm %s%s"""
                            .formatted(wanted, SnapshotCommand.documents(newer), snapshot,
                                    ProgressText.number(difference.extra()),
                                    ProgressText.number(difference.different()),
                                    String.join("\n  ", difference.newerIds().stream().limit(Restore.SHOWN).toList()),
                                    snapshot, wanted, wanted, places.text()));
        }
    }

    private int end(String wanted, Restore.Result result) {
        output.result(toMap(wanted, result));
        WritesBetween unseen = result.unseen();
        TableDiff.Result after = result.after();
        if (unseen == null || after == null) {
            output.say("\n'%s' is as the snapshot has it; nothing was done.".formatted(wanted));
            return ExitCode.COMPLETED;
        }
        TableDiff.Result before = result.before();
        output.say("\n'%s' is as the snapshot has it: %s put back, %s changed back, %s removed.".formatted(wanted,
                ProgressText.number(before.missing()), ProgressText.number(before.different()),
                ProgressText.number(before.extra())));
        if (!unseen.isKnown()) {
            output.say(
                    "Whether the app wrote to it between the comparison and the import nobody can tell: the deployment was not read by streaming export.");
        } else {
            output.say("What the app may have written in the last %s before the import was not looked at."
                    .formatted(ProgressText.duration(Duration.ofNanos(unseen.blindNanos()))));
        }
        if (unseen.writes() > 0) {
            output.say("Overwritten: %s of the app between the comparison and the import, of these documents:\n  %s"
                    .formatted(unseen.writes() == 1 ? "1 write" : ProgressText.number(unseen.writes()) + " writes",
                            String.join("\n  ", unseen.ids())));
        }
        if (!after.isEmpty()) {
            output.say("Since then the app has written to it again, which stays:");
            SnapshotText.lines(wanted, after).forEach(output::say);
        }
        return unseen.writes() > 0 || !after.isEmpty() ? ExitCode.COMPLETED_WITH_QUARANTINE : ExitCode.COMPLETED;
    }

    private static Map<String, @Nullable Object> toMap(String table, Restore.Result result) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("table", table);
        map.put("isReplaced", result.unseen() != null);
        map.put("before", SnapshotText.toMap(result.before()));
        map.put("after", result.after() == null ? null : SnapshotText.toMap(result.after()));
        WritesBetween unseen = result.unseen();
        if (unseen != null) {
            map.put("writesBetweenAreKnown", unseen.isKnown());
            map.put("overwritten", unseen.writes());
            map.put("overwrittenIds", unseen.ids());
            map.put("notLookedAtNanos", unseen.blindNanos());
        }
        return map;
    }
}
