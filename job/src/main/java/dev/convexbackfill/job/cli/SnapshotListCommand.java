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

import dev.convexbackfill.job.snapshot.Manifest;
import dev.convexbackfill.job.snapshot.SnapshotPlace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "list", mixinStandardHelpOptions = true, description = "Show the snapshots of a place.")
final class SnapshotListCommand implements Callable<Integer> {

    @Mixin
    private final SnapshotPlaceOptions places = new SnapshotPlaceOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        try (SnapshotPlace place = places.open()) {
            List<Map<String, @Nullable Object>> all = new ArrayList<>();
            for (String name : place.names()) {
                Manifest manifest = SnapshotPlaceOptions.require(place, name);
                all.add(SnapshotText.toMap(manifest, place));
                output.say("%-40s  %s  %s  %s".formatted(name, manifest.point().takenAt(),
                        manifest.point().instanceName(),
                        manifest.content().isEmpty() ? "without documents"
                                : "%s of %s".formatted(SnapshotCommand.documents(manifest.content().stream()
                                        .mapToLong(Manifest.Table::documents).sum()),
                                        String.join(", ",
                                                manifest.content().stream().map(Manifest.Table::name).toList()))));
            }
            if (all.isEmpty()) {
                output.say("There are no snapshots in %s.".formatted(place.describe()));
            }
            output.result(Map.of("snapshots", all));
        }
        return ExitCode.COMPLETED;
    }
}
