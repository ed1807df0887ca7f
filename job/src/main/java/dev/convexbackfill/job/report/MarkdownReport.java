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

import static dev.convexbackfill.job.report.Markdown.code;

import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.rehearsal.report.Printable;
import dev.convexbackfill.job.report.Point.Waited;
import dev.convexbackfill.job.report.Report.Found;
import dev.convexbackfill.readerswriters.throttle.WaitReason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The report for a pull request. */
public final class MarkdownReport {

    private static final int ROWS = 10;
    private static final int FIELDS = 50;
    private static final int IDS = 3;
    private static final int EXECUTIONS = 10;

    private final Report report;
    private final Markdown out = new Markdown();

    private MarkdownReport(Report report) {
        this.report = report;
    }

    /** Ends with a line's end. */
    public static String of(Report report) {
        MarkdownReport markdown = new MarkdownReport(report);
        markdown.write();
        return markdown.out.toString();
    }

    private void write() {
        out.title(1, plain(ReportWords.title(report.run())));
        out.paragraph("**%s**".formatted(plain(ReportWords.result(report))));
        ReportWords.caveats(report).forEach(caveat -> out.paragraph("> " + plain(caveat)));
        String verdict = ReportWords.verdict(report);
        if (!verdict.isEmpty()) {
            out.paragraph(plain(verdict));
        }
        out.table(List.of("What was run", ""), ReportWords.facts(report).stream()
                .map(line -> List.of(line.name(), code(line.value()))).toList());
        out.folded("The plan", report.plan().text());
        documents();
        found();
        overTime();
        executions();
        if (report.found() == null) {
            fields();
            quarantine();
        }
        family();
        next();
    }

    /** Sentences of ours, in which names, and reasons from elsewhere, may stand. */
    private static String plain(String text) {
        StringBuilder plain = new StringBuilder();
        Printable.text(text.replaceAll("\\s+", " ")).codePoints().forEach(character -> {
            if ("\\`*_[]<>&|#@~!$".indexOf(character) >= 0) {
                plain.append("&#").append(character).append(';');
                if (character == '@') {
                    // or it would be a mention
                    plain.append("&#8203;");
                }
            } else {
                plain.appendCodePoint(character);
            }
        });
        // and no address becomes a link
        return plain.toString().replace("://", ":&#8203;//").replace("www.", "www&#8203;.");
    }

    private void documents() {
        out.title(2, "What became of documents");
        out.table(List.of("", "documents", ""), ReportWords.counts(report).stream()
                .map(count -> List.of(plain(count.name()), ProgressText.number(count.documents()), count.meaning()))
                .toList());
        out.paragraph(ReportWords.speed(report.speed()));
    }

    private void found() {
        Found found = report.found();
        if (found == null) {
            return;
        }
        out.title(2, "What it has found");
        if (found.kinds().isEmpty()) {
            out.paragraph(found.sample() == null ? "Nothing." : "Nothing, in a sample.");
            return;
        }
        out.table(List.of("how often", "kind", "meaning"), found.kinds().stream()
                .map(kind -> List.of(ProgressText.number(kind.number()), code(kind.kind().name()),
                        kind.meaning() + (kind.wrong() ? "" : ", which a writing app does")))
                .toList());
        out.table(List.of("such as", "kind", "field"), found.first().stream().limit(ROWS)
                .map(one -> List.of(code(ReportWords.orEmpty(one.document())), code(one.kind().name()),
                        code(ReportWords.orEmpty(one.field()))))
                .toList());
    }

    private void overTime() {
        if (report.samples().isEmpty()) {
            return;
        }
        out.title(2, "Over time");
        out.table(List.of("from", "worked", "read", "documents/s", "conflicts", "mean answer, ms"),
                Charts.atMost(ROWS, report.samples()).stream().map(row -> List.of(Chart.time(row.from()),
                        ReportWords.duration(row.workedMillis()), ProgressText.number(row.read()),
                        Chart.number(Charts.perSecond(row, row.read())), ProgressText.number(row.conflicts()),
                        Chart.number(Charts.mean(row)))).toList());
        Map<WaitReason, Long> waits = new EnumMap<>(WaitReason.class);
        report.samples().forEach(point -> point.waits()
                .forEach((Waited wait) -> waits.merge(wait.reason(), wait.millis(), Long::sum)));
        if (!waits.isEmpty()) {
            List<List<String>> rows = new ArrayList<>();
            waits.forEach((reason, millis) -> rows.add(List.of(reason.meaning(), ReportWords.duration(millis))));
            out.table(List.of("waited for", "all threads together"), rows);
        }
    }

    private void executions() {
        out.title(2, "Who executed it");
        int skipped = Math.max(0, report.executions().size() - EXECUTIONS);
        out.table(List.of("began", "ended", "who", "with"), report.executions().stream().skip(skipped)
                .map(one -> List.of(Chart.time(one.beganAt()), code(ReportWords.ending(one)), code(one.process()),
                        code(one.program())))
                .toList());
        if (skipped + report.executionsLeftOut() > 0) {
            out.paragraph("%d before that.".formatted(skipped + report.executionsLeftOut()));
        }
    }

    private void fields() {
        out.title(2, "What became of fields");
        if (!report.fields().known()) {
            out.paragraph(ReportWords.fieldsUnknown(report));
            return;
        }
        if (report.fields().changes().isEmpty()) {
            out.paragraph("Nothing.");
            return;
        }
        out.table(List.of("in how many documents", "added", "removed", "changed", "of another type"),
                report.fields().changes().stream().limit(FIELDS)
                        .map(field -> List.of(code(field.field()), ProgressText.number(field.added()),
                                ProgressText.number(field.removed()), ProgressText.number(field.changed()),
                                ProgressText.number(field.typeChanged())))
                        .toList());
        if (report.fields().changes().size() > FIELDS || report.fields().leftOut() > 0) {
            out.paragraph("And others: see the page or the JSON.");
        }
    }

    private void quarantine() {
        out.title(2, "Quarantine");
        if (report.quarantine().groups().isEmpty()) {
            out.paragraph("Nothing was in quarantine when it ended.");
        } else {
            out.table(List.of("documents", "by", "why", "such as"), report.quarantine().groups().stream().limit(FIELDS)
                    .map(group -> List.of(ProgressText.number(group.documents()),
                            group.reason().name().toLowerCase(Locale.ROOT), code(group.shape()),
                            String.join(" ", group.ids().stream().limit(IDS).map(Markdown::code).toList())))
                    .toList());
        }
        if (!ReportWords.quarantineNow(report).isEmpty()) {
            out.paragraph(ReportWords.quarantineNow(report));
        }
    }

    private void family() {
        Report.Family family = report.family();
        List<List<String>> rows = new ArrayList<>();
        family.verifications().forEach(
                one -> rows.add(List.of("verified by " + code(one.name()), plain(ReportWords.verification(one)))));
        family.replays().forEach(one -> rows.add(List.of("replayed by " + code(one.name()),
                one.state() + ": " + ReportWords.relative(one.documents()))));
        family.rollbacks().forEach(one -> rows.add(List.of("undone by " + code(one.name()),
                one.state() + ": " + ReportWords.relative(one.documents()))));
        if (rows.isEmpty() && !family.journalDropped()) {
            return;
        }
        out.title(2, "What was made of it since");
        if (family.journalDropped()) {
            out.paragraph("Its journal was dropped: it can't be undone any more.");
        }
        if (!rows.isEmpty()) {
            out.table(List.of("", ""), rows);
        }
    }

    private void next() {
        if (!report.family().next().isEmpty()) {
            out.title(2, "What to do next");
            report.family().next()
                    .forEach(next -> out.item("%s: %s".formatted(plain(next.what()), code(next.command()))));
        }
    }
}
