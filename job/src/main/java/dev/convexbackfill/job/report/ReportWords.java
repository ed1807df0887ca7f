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
package dev.convexbackfill.job.report;

import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.rehearsal.report.Printable;
import dev.convexbackfill.job.report.Report.Documents;
import dev.convexbackfill.job.report.Report.ExecutionFacts;
import dev.convexbackfill.job.report.Report.Family;
import dev.convexbackfill.job.report.Report.Kind;
import dev.convexbackfill.job.report.Report.Speed;
import dev.convexbackfill.job.report.Report.State;
import dev.convexbackfill.job.report.Report.Subject;
import dev.convexbackfill.job.report.Report.VerificationFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the report says in words, wherever it is shown. Nothing in it is escaped for Markdown or HTML. */
final class ReportWords {

    private ReportWords() {}

    /** A line with a name and what is to be said of it. */
    record Line(String name, String value) {}

    static String title(Subject run) {
        return "%s %s".formatted(switch (run.kind()) {
            case BACKFILL -> "Run";
            case REPLAY -> "Replay";
            case ROLLBACK -> "Rollback";
            case VERIFICATION -> "Verification";
        }, run.name());
    }

    /** What the reader must know first. */
    static String result(Report report) {
        Subject run = report.run();
        return switch (run.state()) {
            case COMPLETED -> "Completed: every document that it was for is accounted for.";
            case CREATED -> "It has not begun. What follows is not final.";
            case RUNNING -> "It is still running: %s done. What follows is not final.".formatted(done(run));
            case INTERRUPTED -> ("No process executes it any more, and it is not complete: %s done. What follows is not"
                    + " final.").formatted(done(run));
            case STOPPED -> "It was stopped and can go on: %s done.%s".formatted(done(run), reason(run));
            case FAILED -> "It has failed: %s done.%s".formatted(done(run), reason(run));
        };
    }

    private static String done(Subject run) {
        return "%.1f %% of it, %d of %d ranges,".formatted(run.fraction() * 100, run.rangesDone(), run.ranges());
    }

    private static String reason(Subject run) {
        return run.reason() == null ? "" : " The reason: " + Printable.text(run.reason());
    }

    static boolean isFine(Report report) {
        return report.run().state() == State.COMPLETED && report.documents().quarantined() == 0
                && (report.found() == null || report.found().wrong() == 0);
    }

    static List<Line> facts(Report report) {
        Subject run = report.run();
        List<Line> facts = new ArrayList<>();
        if (run.of() != null) {
            facts.add(new Line(switch (run.kind()) {
                case REPLAY -> "Replays the quarantine of";
                case ROLLBACK -> "Undoes";
                case VERIFICATION, BACKFILL -> "Verifies";
            }, run.of()));
        }
        facts.add(new Line("Table", run.table()));
        facts.add(new Line("Deployment", run.deployment()));
        facts.add(new Line("Writes by", run.write()));
        facts.add(new Line("Plan", report.plan().path() == null ? report.plan().name()
                : "%s (%s)".formatted(report.plan().name(), report.plan().path())));
        facts.add(new Line("Plan digest", report.plan().digest()));
        facts.add(new Line("Launched", Chart.time(run.createdAt())));
        if (run.endedAt() != null) {
            facts.add(new Line("Ended", Chart.time(run.endedAt())));
        }
        return facts.stream().map(line -> new Line(line.name(), Printable.text(line.value()))).toList();
    }

    static List<String> caveats(Report report) {
        List<String> caveats = new ArrayList<>(
                report.plan().caveats().stream().map(caveat -> "Mind that the run " + caveat + ".").toList());
        if (report.plan().wasChanged()) {
            caveats.add(
                    "The plan was changed while the run was stopped, and accepted: documents that were done before were"
                            + " changed by another plan than the one that is shown.");
        }
        return caveats;
    }

    /** Each with its share of what was read. */
    record Count(String name, String kind, long documents, String meaning) {}

    static List<Count> counts(Report report) {
        Documents documents = report.documents();
        List<Count> counts = new ArrayList<>();
        counts.add(new Count("read", "", documents.read(), ""));
        if (report.run().kind() == Kind.VERIFICATION) {
            counts.add(new Count("changed", "changed", documents.changed(), "by the run that it verifies"));
            counts.add(new Count("unchanged", "", documents.unchanged(), ""));
            counts.add(new Count("gone", "", documents.gone(), "deleted since"));
            counts.add(new Count("in quarantine", "quarantined", documents.quarantined(), "not looked at"));
            return counts;
        }
        counts.add(new Count(report.run().done(), "changed", documents.changed(), ""));
        counts.add(new Count("unchanged", "", documents.unchanged(), ""));
        counts.add(new Count("gone", "", documents.gone(), "deleted by the app before the run came to them"));
        counts.add(new Count("quarantined", "quarantined", documents.quarantined(), "could not be changed"));
        counts.add(new Count("conflicts", "", documents.conflicts(), "changed by the app meanwhile, and tried again"));
        if (documents.unsettled() > 0) {
            counts.add(new Count("unsettled", "", documents.unsettled(), "being tried again"));
        }
        return counts;
    }

    static String speed(Speed speed) {
        if (speed.documentsPerSecond() == null) {
            return "Nothing is known of its speed.";
        }
        String overall = "%s documents/s overall, in %s".formatted(Chart.number(speed.documentsPerSecond()),
                duration(speed.elapsedMillis()));
        return speed.workedMillis() == null || speed.documentsPerSecondWorked() == null ? overall + "."
                : "%s; %s documents/s in the %s in which a process executed it.".formatted(overall,
                        Chart.number(speed.documentsPerSecondWorked()), duration(speed.workedMillis()));
    }

    static String duration(long millis) {
        return ProgressText.duration(Duration.ofMillis(millis));
    }

    static String ending(ExecutionFacts execution) {
        if (execution.killed()) {
            return "killed; last seen %s".formatted(Chart.time(execution.lastSeenAt()));
        }
        if (execution.endedAt() == null) {
            return "goes on";
        }
        return "%s at %s%s".formatted(execution.state(), Chart.time(execution.endedAt()),
                execution.reason() == null ? "" : ": " + Printable.text(execution.reason()));
    }

    static String verdict(Report report) {
        Family family = report.family();
        return switch (family.verdict()) {
            case NOT_APPLICABLE -> switch (report.run().kind()) {
                case BACKFILL,
                        REPLAY -> "Not verified: it wrote by a function of the app's own, and what that does can't be recomputed.";
                case ROLLBACK -> "Not verified: a rollback is not verified, the run that it undoes was.";
                case VERIFICATION -> "";
            };
            case NOT_VERIFIED -> "Not verified.";
            case OUTDATED -> "Not verified since a replay or a rollback has written.";
            case SAMPLED -> "Verified by a sample, '%s': nothing is wrong in it. That proves nothing of other documents."
                    .formatted(family.verdictOf());
            case CLEAN -> "Verified by '%s': nothing is wrong.".formatted(family.verdictOf());
            case WRONG -> "Verified by '%s', and something is wrong.".formatted(family.verdictOf());
        };
    }

    static String verification(VerificationFacts verification) {
        String found = verification.kinds().isEmpty() ? "nothing was found"
                : String.join(", ", verification.kinds().stream()
                        .map(kind -> "%s %s".formatted(ProgressText.number(kind.number()), kind.kind())).toList());
        return "%s: %s%s%s".formatted(verification.state(), found,
                verification.sample() == null ? "" : ", in a sample",
                verification.outdated() ? "; a replay or a rollback has written since" : "");
    }

    static String relative(Documents documents) {
        return "%s read, %s changed, %s unchanged, %s quarantined".formatted(ProgressText.number(documents.read()),
                ProgressText.number(documents.changed()), ProgressText.number(documents.unchanged()),
                ProgressText.number(documents.quarantined()));
    }

    /** What of the quarantine is left; empty if that is all of it. */
    static String quarantineNow(Report report) {
        long now = report.family().inQuarantine();
        return now == report.quarantine().documents() ? ""
                : "In quarantine now, after what was done since: %s.".formatted(ProgressText.number(now));
    }

    static String fieldsUnknown(Report report) {
        return report.run().kind() == Kind.VERIFICATION ? "A verification changes nothing."
                : "The app's own function has written, so nobody can tell which fields it has changed.";
    }

    static String orEmpty(@Nullable String text) {
        return text == null ? "" : Printable.text(text);
    }
}
