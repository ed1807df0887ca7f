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

import dev.convexbackfill.job.point.PointStore.Beginning;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.partitioner.dispatch.ProcessName;
import dev.convexbackfill.partitioner.dispatch.TaskStore.TaskRow;
import dev.convexbackfill.readerswriters.journal.JournalStore.JournalSize;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "status", description = "Show how far a run is, and what it could not change.")
final class StatusCommand implements Callable<Integer> {

    private static final int QUARANTINE_SHOWN = 5;

    @Parameters(paramLabel = "RUN", arity = "0..1", description = "The run's name. Without it: what list shows.")
    private @Nullable String name;

    @Option(names = "--watch", description = "Look on until the run is at rest; the exit code then says how it ended. Ctrl-C ends only the"
            + " looking on.")
    private boolean watch;

    @Mixin
    private final RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        String run = name;
        if (run == null) {
            if (watch) {
                throw new RefusedException("Which run? ./backfill status RUN --watch; `./backfill list` shows all");
            }
            RunList.show(repository, output);
            return ExitCode.COMPLETED;
        }
        Duration lease = RepositoryOptions.settings().lease();
        return repository.ask(stores -> {
            if (watch) {
                return Optional.of(new RunWatcher(stores, lease, output).watch(run));
            }
            show(stores, run, lease);
            return Optional.of(ExitCode.COMPLETED);
        }, Optional.<Integer>empty()).orElseThrow(() -> ResumeCommand.unknown(run));
    }

    private void show(RunRepository stores, String name, Duration lease) {
        Run run = stores.runs().find(name).orElseThrow(() -> ResumeCommand.unknown(name));
        RunProgress progress = RunProgress.of(run, stores.stores());
        Optional<TaskRow> holder = Holder.of(run, stores, lease);
        Map<String, @Nullable Object> result = new LinkedHashMap<>(RunReport.toMap(progress));
        CanaryReport.put(result, stores, name);
        ReferencesLine.put(result, stores, run);
        result.put("isExecuted", holder.isPresent());
        Optional<Beginning> beginning = stores.points().find(name);
        beginning.ifPresent(began -> result.put("rollbackPoint", BeginningText.toMap(began)));
        output.result(result);
        output.say("Run '%s': %s, %.1f %% of '%s' at %s".formatted(name, state(run, holder.isPresent()),
                progress.fraction() * 100, run.table(), run.deploymentUrl()));
        if (run.kind() instanceof RunKind.Verification) {
            new VerificationReport(stores, 0, output).lines(progress).forEach(output::say);
        } else {
            output.say("  " + ProgressText.counts(run, progress.counts()));
        }
        output.say("  %d of %d ranges done%s".formatted(progress.rangesDone(), progress.ranges(),
                progress.unsettled() == 0 ? "" : ", %d documents being tried again".formatted(progress.unsettled())));
        beginning.ifPresent(began -> output.say("  " + BeginningText.line(began)));
        ReferencesLine.of(stores, run).ifPresent(line -> output.say("  " + line.text()));
        CanaryReport.of(stores, name).ifPresent(canary -> output.say("  " + canary.line()));
        holder.flatMap(task -> ProcessName.parse(requireNonNull(task.holder())))
                .ifPresent(process -> output.say("  executed by " + process.describe()));
        JournalSize journal = stores.transactions().execute(_ -> stores.stores().journal().size(name));
        if (journal.chunks() > 0) {
            output.say("  journal: %s for %s documents; undo the run with: ./backfill rollback %s".formatted(
                    ProgressText.bytes(journal.bytes()), ProgressText.number(journal.documents()), name));
        }
        if (run.reason() != null) {
            output.say("  reason: " + run.reason());
        }
        if (progress.inQuarantine() < progress.counts().quarantined()
                && !(run.kind() instanceof RunKind.Verification)) {
            output.say("  in quarantine now: %s of %s; replays have settled the others".formatted(
                    ProgressText.number(progress.inQuarantine()),
                    ProgressText.number(progress.counts().quarantined())));
        }
        for (QuarantinedDocument document : stores.stores().quarantine().list(name, QUARANTINE_SHOWN)) {
            output.say("  in quarantine: %s (%s) %s".formatted(document.id(), document.reason(), document.message()));
        }
        if (progress.inQuarantine() > 0 && !(run.kind() instanceof RunKind.Verification)) {
            output.say("  see all: ./backfill quarantine " + name);
        }
        List<String> rollbacks = stores.runs().rollbacks(name);
        if (!rollbacks.isEmpty()) {
            output.say("  undone by: " + String.join(", ", rollbacks));
        } else if (!holder.isPresent() && progress.run().state() != RunState.COMPLETED) {
            output.say("  go on with: " + next(run));
        }
        if (run.kind() instanceof RunKind.Verification) {
            output.say("  see what it has found: ./backfill verify " + name);
        }
    }

    /** What to type for a run that is not complete to go on. */
    static String next(Run run) {
        return "./backfill %s %s".formatted(run.state() == RunState.WAITING ? "approve" : "resume", run.name());
    }

    /** What the repository says of a run whose process was killed is not what people should read. */
    static String state(Run run, boolean isExecuted) {
        return run.state().isAtRest() || isExecuted ? run.state().name() : "INTERRUPTED (no process executes it)";
    }
}
