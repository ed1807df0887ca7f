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

import dev.convexbackfill.job.rehearsal.MessageShape;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "quarantine", description = "Show the documents that a run could not change, export them, or try them again.")
final class QuarantineCommand implements Callable<Integer> {

    @Parameters(paramLabel = "RUN", description = "The run's name.")
    private @Nullable String name;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "How many documents to show. Default: ${DEFAULT-VALUE}.")
    private int limit = 20;

    @Option(names = "--after", paramLabel = "ID", description = "Show the documents after this one.")
    private @Nullable String after;

    @Option(names = "--csv", paramLabel = "FILE", description = "Write all of them to a CSV file, with a header.")
    private @Nullable Path csv;

    @Option(names = "--jsonl", paramLabel = "FILE", description = "Write all of them to a file, each as a line of JSON.")
    private @Nullable Path jsonLines;

    @Option(names = "--replay", description = "Try these documents again, as they are now, in a run of its own.")
    private boolean replay;

    @Option(names = "--plan", paramLabel = "FILE", description = "With --replay: a corrected plan. Default: the run's, as it was stored.")
    private @Nullable Path planFile;

    @Option(names = "--name", paramLabel = "RUN", description = "With --replay: its name. Default: RUN-replay-1, and so on.")
    private @Nullable String replayName;

    @Mixin
    private final DeploymentOptions deployment = new DeploymentOptions();

    @Mixin
    private final RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    private final PluginOptions plugins = new PluginOptions();

    @Mixin
    private final DetachOption detach = new DetachOption();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        String run = requireNonNull(name);
        if (limit < 0 || limit > QuarantineList.MAX_SHOWN) {
            throw new RefusedException("--limit must be from 0 to %d; --csv and --jsonl write all"
                    .formatted(QuarantineList.MAX_SHOWN));
        }
        if (replay && (csv != null || jsonLines != null || after != null)) {
            throw new RefusedException("--csv, --jsonl and --after are for looking at documents, not for --replay");
        }
        if (replay) {
            return new ReplayLaunch(deployment, repository, detach, plugins, output).launch(run, planFile, replayName);
        }
        if (planFile != null || replayName != null || detach.isGiven()) {
            throw new RefusedException("--plan, --name and --detach are only for --replay");
        }
        return repository.ask(stores -> Optional.of(list(stores, run)), Optional.<Integer>empty())
                .orElseThrow(() -> ResumeCommand.unknown(run));
    }

    private int list(RunRepository stores, String name) {
        Run run = stores.runs().find(name).orElseThrow(() -> ResumeCommand.unknown(name));
        String first = run.replayOf() == null ? name : run.replayOf();
        QuarantineList list = new QuarantineList(stores.stores().quarantine(), first, new MessageShape(run.planText()));
        if (csv != null) {
            list.writeCsv(csv, output);
        }
        if (jsonLines != null) {
            list.writeJsonLines(jsonLines, output);
        }
        if (csv == null && jsonLines == null) {
            list.show(after, limit, output);
        }
        return ExitCode.COMPLETED;
    }
}
