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

import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows the runs of a repository, the newest first. */
final class RunList {

    private RunList() {}

    static void show(RepositoryOptions repository, Output output) {
        BackfillSettings settings = RepositoryOptions.settings();
        List<Map<String, @Nullable Object>> result = repository.ask(stores -> show(stores, settings, output),
                List.of());
        if (result.isEmpty()) {
            output.say("There are no runs in %s yet. Begin with: ./backfill demo"
                    .formatted(repository.location().describe()));
        }
        output.result(Map.of("runs", result));
    }

    private static List<Map<String, @Nullable Object>> show(RunRepository stores, BackfillSettings settings,
            Output output) {
        List<Map<String, @Nullable Object>> result = new ArrayList<>();
        for (Run run : stores.runs().list()) {
            RunProgress progress = RunProgress.of(run, stores.stores());
            boolean isExecuted = Holder.of(run, stores, settings.lease()).isPresent();
            output.say("%-30s %-12s %6.1f %%  %12s read  %12s %-8s  %s".formatted(run.name(),
                    StatusCommand.state(run, isExecuted).replaceFirst(" .*", ""), progress.fraction() * 100,
                    ProgressText.number(progress.counts().read()), ProgressText.number(progress.counts().changed()),
                    run.participle(), run.table()));
            Map<String, @Nullable Object> map = new LinkedHashMap<>(RunReport.toMap(progress));
            CanaryReport.put(map, stores, run.name());
            result.add(map);
        }
        return result;
    }
}
