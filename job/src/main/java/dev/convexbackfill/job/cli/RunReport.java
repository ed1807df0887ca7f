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

import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.job.progress.ProgressDisplay;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.quarantine.Replay;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says what became of a run. */
final class RunReport {

    private RunReport() {}

    static Map<String, @Nullable Object> toMap(RunProgress progress) {
        Run run = progress.run();
        Counts counts = progress.counts();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("run", run.name());
        map.put("state", run.state().name());
        map.put("table", run.table());
        map.put("kind", kind(run.kind()));
        map.put("write", run.write().text());
        map.put("deployment", run.deploymentUrl());
        map.put("reason", run.reason());
        map.put("fraction", Math.round(progress.fraction() * 10_000) / 10_000.0);
        map.put("ranges", progress.ranges());
        map.put("rangesDone", progress.rangesDone());
        map.put("read", counts.read());
        map.put("changed", counts.changed());
        map.put("unchanged", counts.unchanged());
        map.put("gone", counts.deleted());
        map.put("conflicts", counts.conflicts());
        map.put("quarantined", counts.quarantined());
        map.put("inQuarantine", progress.inQuarantine());
        map.put("unsettled", progress.unsettled());
        map.put("createdAt", run.createdAt().toString());
        map.put("startedAt", run.startedAt() == null ? null : run.startedAt().toString());
        map.put("endedAt", run.endedAt() == null ? null : run.endedAt().toString());
        return map;
    }

    private static String kind(RunKind kind) {
        return switch (kind) {
            case RunKind.Backfill _ -> "backfill";
            case RunKind.Retry _ -> "replay";
            case RunKind.Rollback _ -> "rollback";
            case RunKind.Verification _ -> "verification";
        };
    }

    /** Says how a run that is at rest has ended, and returns the exit code. */
    static int end(RunRepository repository, RunProgress progress, ProgressDisplay display, Output output) {
        Run run = progress.run();
        if (run.kind() instanceof RunKind.Verification) {
            return new VerificationReport(repository, VerificationReport.SHOWN, output).end(progress, display);
        }
        display.close();
        String summary = summary(progress, display.documentsPerSecond(), display.elapsed());
        Map<String, @Nullable Object> result = new LinkedHashMap<>(toMap(progress));
        CanaryReport.put(result, repository, run.name());
        ReferencesLine.put(result, repository, run);
        result.put("documentsPerSecond", Math.round(display.documentsPerSecond()));
        result.put("caveats", run.kind() instanceof RunKind.Rollback ? List.of() : run.plan().caveats());
        output.result(result);
        int code = say(repository, progress, summary, output);
        output.say(ReportCommand.hint(run.name()));
        return code;
    }

    /** Returns the exit code. */
    private static int say(RunRepository repository, RunProgress progress, String summary, Output output) {
        Run run = progress.run();
        return switch (run.state()) {
            case COMPLETED -> {
                output.say("\nRun '%s' completed: every document of %s is accounted for.\n\n%s\n%s"
                        .formatted(run.name(), documents(run), summary,
                                caveats(run) + left(progress) + references(repository, run)));
                yield progress.inQuarantine() > 0 ? ExitCode.COMPLETED_WITH_QUARANTINE : ExitCode.COMPLETED;
            }
            case FAILED -> {
                output.say(
                        "\nRun '%s' failed: %s\n\n%s\n\nWhat was applied stays applied, once. When the cause is gone, go on"
                                .formatted(run.name(), run.reason(), summary) + " with: ./backfill resume " + run.name()
                                + "\n");
                yield ExitCode.FAILED;
            }
            case WAITING -> {
                output.say(CanaryReport.of(repository, run.name()).orElseThrow().text(progress, summary));
                yield ExitCode.WAITING;
            }
            case STOPPED, CREATED, RUNNING -> {
                output.say("\nRun '%s' stopped: %s\n\n%s\n\nGo on where it is with: ./backfill resume %s\n".formatted(
                        run.name(), run.reason(), summary, run.name()));
                yield ExitCode.STOPPED;
            }
        };
    }

    private static String references(RunRepository repository, Run run) {
        return ReferencesLine.of(repository, run).map(line -> "\n" + line.text() + "\n").orElse("");
    }

    private static String caveats(Run run) {
        String text = run.kind() instanceof RunKind.Rollback ? "" : Caveats.text(run.plan());
        return text.isEmpty() ? "" : "\n" + text;
    }

    /** Which documents it is for. */
    private static String documents(Run run) {
        return switch (run.kind()) {
            case RunKind.Backfill _ -> "'" + run.table() + "' that its plan is for";
            case RunKind.Retry(Replay replay) -> "the quarantine of '" + replay.of() + "'";
            case RunKind.Rollback(String of, _, List<String> only) when !only.isEmpty() -> "those of '" + of
                    + "' that it was to undo";
            case RunKind.Rollback(String of, _, _) -> "'" + run.table() + "' that run '" + of + "' has written";
            case RunKind.Verification(String of, _) -> "'" + run.table() + "' that run '" + of + "' has gone over";
        };
    }

    /** What to do about documents that were left; empty if there are none. */
    private static String left(RunProgress progress) {
        Run of = progress.run();
        if (of.kind() instanceof RunKind.Rollback(String undone, _, _)) {
            return progress.inQuarantine() == 0 ? ""
                    : ("\nOf %s something was not undone. See what and why: ./backfill quarantine %s; undo also what the app has"
                            + " written since: ./backfill rollback %s --on-conflict force --confirm force\n")
                            .formatted(documents(progress.inQuarantine()), of.name(), undone);
        }
        String run = progress.run().replayOf() == null ? progress.run().name() : progress.run().replayOf();
        return progress.inQuarantine() == 0 ? ""
                : ("\n%s in quarantine, unchanged. See why: ./backfill quarantine %s; try them again:"
                        + " ./backfill quarantine %s --replay\n")
                        .formatted(documents(progress.inQuarantine()) + (progress.inQuarantine() == 1 ? " is" : " are"),
                                run, run);
    }

    private static String documents(long number) {
        return number == 1 ? "1 document" : ProgressText.number(number) + " documents";
    }

    /** What a run has done, as a table; with the rate if it was looked at for a while. */
    private static String summary(RunProgress progress, double documentsPerSecond, Duration elapsed) {
        Run run = progress.run();
        Counts counts = progress.counts();
        String rate = elapsed.isZero() ? "" : "\n" + """
                  documents/s  %12s   over %s
                """.indent(2).stripTrailing().formatted(ProgressText.number(Math.round(documentsPerSecond)),
                ProgressText.duration(elapsed));
        return """
                  read         %12s
                  %-11s  %12s%s
                  unchanged    %12s
                  gone         %12s   deleted by the app before the run came to them
                  conflicts    %12s   changed by the app meanwhile, and tried again
                  quarantined  %12s   could not be changed
                """.indent(2).stripTrailing().formatted(ProgressText.number(counts.read()),
                run.participle(), ProgressText.number(counts.changed()), where(run),
                ProgressText.number(counts.unchanged()),
                ProgressText.number(counts.deleted()), ProgressText.number(counts.conflicts()),
                ProgressText.number(counts.quarantined())) + rate;
    }

    private static String where(Run run) {
        if (run.kind() instanceof RunKind.Rollback) {
            return switch (run.write()) {
                case Write.Patch _,Write.Replace _ -> "   put back as it was";
                case Write.Delete _ -> "   deleted: it was the run that inserted them";
                case Write.InsertInto _ -> "   inserted again, with new ids";
                case Write.Call _ -> throw new IllegalStateException("What a function has written is not undone");
            };
        }
        return switch (run.write()) {
            case Write.Patch _,Write.Replace _ -> "";
            case Write.Delete _ -> "   by the run";
            case Write.InsertInto(String table) -> "   into '%s'; the sources stay".formatted(table);
            case Write.Call(FunctionPath mutation) -> "   by '%s', at least once each".formatted(mutation);
        };
    }
}
