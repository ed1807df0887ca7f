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
import dev.convexbackfill.job.snapshot.SnapshotDiff;
import dev.convexbackfill.job.snapshot.SnapshotPlace;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "diff", mixinStandardHelpOptions = true, description = "Show how a snapshot differs from another, or from the deployment as it is. The exit code is 3 if it does.")
final class SnapshotDiffCommand implements Callable<Integer> {

    @Parameters(paramLabel = "A", index = "0", description = "A snapshot.")
    private @Nullable String first;

    @Parameters(paramLabel = "B", index = "1", arity = "0..1", description = "Another.")
    private @Nullable String second;

    @Option(names = "--now", description = "Compare with the deployment as it is, and not with another snapshot.")
    private boolean now;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "Show at most N documents of each kind of difference and table. Default: ${DEFAULT-VALUE}.")
    private int limit = 20;

    @Mixin
    private final SnapshotPlaceOptions places = new SnapshotPlaceOptions();

    @Mixin
    private final SnapshotSourceOptions deployment = new SnapshotSourceOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        if (now == (second != null)) {
            throw new RefusedException("Compare with what? Give a second snapshot, or --now");
        }
        if (limit < 0) {
            throw new RefusedException("--limit must be 0 or more, not %d".formatted(limit));
        }
        StopSignal stop = StopSignal.never();
        Tally tally = new Tally();
        try (SnapshotPlace place = places.open()) {
            Manifest left = SnapshotPlaceOptions.require(place, requireNonNull(first));
            Optional<SnapshotDiff> difference = second == null ? withNow(left, place, stop, tally)
                    : FollowedWork.follow(output, "diff", tally, stop,
                            () -> SnapshotDiff.between(left,
                                    SnapshotPlaceOptions.require(place, requireNonNull(second)),
                                    place, limit, tally));
            return difference.map(this::end).orElse(ExitCode.STOPPED);
        }
    }

    private Optional<SnapshotDiff> withNow(Manifest left, SnapshotPlace place, StopSignal stop, Tally tally) {
        try (ConvexClient client = deployment.client()) {
            return FollowedWork.follow(output, "diff", tally, stop,
                    () -> SnapshotDiff.withNow(left, place, deployment.source(client, stop, tally), limit, tally));
        }
    }

    private int end(SnapshotDiff difference) {
        output.result(toMap(difference));
        difference.schema().forEach(output::say);
        difference.indexes().forEach(output::say);
        difference.counts().forEach((table, counts) -> {
            if (!Objects.equals(counts.first(), counts.second())) {
                output.say(
                        "count of '%s': %s, then %s".formatted(table, count(counts.first()), count(counts.second())));
            }
        });
        difference.tables().forEach((table, result) -> SnapshotText.lines(table, result).forEach(output::say));
        difference.leftOut().forEach(table -> output
                .say("  '%s': not compared, only one side has its documents".formatted(table)));
        if (difference.isEmpty()) {
            output.say("No difference.");
        }
        return difference.isEmpty() ? ExitCode.COMPLETED : ExitCode.COMPLETED_WITH_QUARANTINE;
    }

    private static String count(@Nullable Long documents) {
        return documents == null ? "none, or not known" : ProgressText.number(documents);
    }

    private static Map<String, @Nullable Object> toMap(SnapshotDiff difference) {
        Map<String, @Nullable Object> counts = new LinkedHashMap<>();
        difference.counts().forEach((table, count) -> {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("first", count.first());
            one.put("second", count.second());
            counts.put(table, one);
        });
        Map<String, @Nullable Object> tables = new LinkedHashMap<>();
        difference.tables().forEach((table, result) -> tables.put(table, SnapshotText.toMap(result)));
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("isEmpty", difference.isEmpty());
        map.put("schema", difference.schema());
        map.put("indexes", difference.indexes());
        map.put("counts", counts);
        map.put("tables", tables);
        map.put("notCompared", difference.leftOut());
        return map;
    }
}
