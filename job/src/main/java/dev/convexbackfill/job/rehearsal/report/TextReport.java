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
package dev.convexbackfill.job.rehearsal.report;

import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.rehearsal.ConvexPrices;
import dev.convexbackfill.job.rehearsal.RehearsalReport;
import dev.convexbackfill.job.rehearsal.RehearsalReport.Counts;
import dev.convexbackfill.job.rehearsal.RehearsalReport.FieldReport;
import dev.convexbackfill.job.rehearsal.RehearsalReport.Findings;
import dev.convexbackfill.job.rehearsal.RehearsalReport.SchemaReport;
import dev.convexbackfill.job.rehearsal.RehearsalReport.SizedDocument;
import dev.convexbackfill.job.rehearsal.RunEstimate;
import dev.convexbackfill.job.schema.SchemaState;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** The report for people. */
public final class TextReport {

    private static final int MAX_VALUE = 100;
    private static final int MAX_MISFITS = 10;

    private final Colours colours;
    private final StringBuilder out = new StringBuilder();

    private TextReport(Colours colours) {
        this.colours = colours;
    }

    /** In several lines, the last without an end. */
    public static String of(RehearsalReport report, Colours colours) {
        TextReport text = new TextReport(colours);
        text.write(report);
        return text.out.toString().stripTrailing();
    }

    private void write(RehearsalReport report) {
        Findings findings = report.findings();
        line("Rehearsal of '%s' over %s of the table '%s' at %s (seed %d). Nothing was written.".formatted(
                report.plan(),
                ReportWords.scope(report), report.table(), report.deployment(), report.seed()));
        ReportWords.caveats(report).forEach(caveat -> line(colours.warning(caveat)));
        counts(report);
        failing(findings);
        reasons(findings);
        if (!ReportWords.isDeletion(report)) {
            fields(findings);
        }
        pairs(report);
        sizes(report);
        schemas(findings);
        estimate(report);
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    private void title(String text) {
        line("");
        line(colours.title(text));
    }

    private void counts(RehearsalReport report) {
        Counts counts = report.findings().counts();
        title("What would become of documents");
        line("  %-11s  %12s".formatted(ReportWords.written(report), ProgressText.number(counts.changed())));
        line("  unchanged    %12s".formatted(ProgressText.number(counts.unchanged())));
        line("  quarantined  %12s".formatted(ProgressText.number(counts.quarantined())));
        if (counts.failing() > 0) {
            line("  failing      %12s".formatted(ProgressText.number(counts.failing())));
        }
    }

    private void failing(Findings findings) {
        if (findings.failing().isEmpty()) {
            return;
        }
        title("The run would fail");
        line("  At the first of %s, since the plan says 'onError: fail':"
                .formatted(ReportWords.documents(findings.counts().failing())));
        findings.failing().forEach(
                failing -> line("  %s  %s".formatted(failing.id(), Printable.text(failing.message()))));
    }

    private void reasons(Findings findings) {
        if (findings.reasons().isEmpty()) {
            return;
        }
        title("Why documents would go into quarantine");
        findings.reasons().forEach(group -> {
            line("  %9s  %s".formatted(ProgressText.number(group.documents()), Printable.text(group.shape())));
            line("             such as %s".formatted(String.join(", ", group.ids())));
        });
    }

    private void fields(Findings findings) {
        List<FieldReport> touched = findings.fields().stream().filter(FieldReport::isTouched).toList();
        title("What would become of fields");
        if (touched.isEmpty()) {
            line("  Nothing.");
        }
        int width = touched.stream().mapToInt(field -> field.field().length()).max().orElse(0);
        touched.forEach(field -> line("  %s  set %s, unset %s, type changed %s;  %s -> %s".formatted(
                padded(Printable.text(field.field()), Math.min(width, 30)), ProgressText.number(field.set()),
                ProgressText.number(field.unset()), ProgressText.number(field.typeChanged()), types(field.before()),
                types(field.after()))));
        if (findings.fieldsLeftOut() > 0) {
            line("  There are more fields than are told apart here: others were met %s times."
                    .formatted(ProgressText.number(findings.fieldsLeftOut())));
        }
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String types(SortedMap<String, Long> types) {
        return types.entrySet().stream().map(type -> type.getKey() + " " + ProgressText.number(type.getValue()))
                .collect(Collectors.joining(", "));
    }

    private void pairs(RehearsalReport report) {
        Findings findings = report.findings();
        if (findings.pairs().isEmpty()) {
            return;
        }
        title("%s of %s %s, drawn at random".formatted(ProgressText.number(findings.pairs().size()),
                ReportWords.documents(findings.counts().changed()), ReportWords.pairs(report)));
        findings.pairs().forEach(pair -> {
            line("  " + pair.id());
            DocumentDiff.lines(pair.before(), pair.after(), MAX_VALUE).forEach(diff -> line(diff.isRemoved()
                    ? colours.removed("  - %s: %s".formatted(diff.field(), diff.value()))
                    : colours.added("  + %s: %s".formatted(diff.field(), diff.value()))));
        });
    }

    private void sizes(RehearsalReport report) {
        Findings findings = report.findings();
        title("How large documents are");
        line("  now    " + sizes(findings.largestBefore()));
        if (ReportWords.isDeletion(report)) {
            return;
        }
        line("  after  " + sizes(findings.largestAfter()));
        line(findings.beyondLimits() == 0 ? "  None would be beyond Convex's limits."
                : colours.warning("  %s would be beyond Convex's limits, %s of them larger than 1 MiB."
                        .formatted(ReportWords.documents(findings.beyondLimits()),
                                ProgressText.number(findings.tooLarge()))));
    }

    private static String sizes(List<SizedDocument> documents) {
        return documents.stream()
                .map(document -> "%s (%s)".formatted(ProgressText.bytes(document.bytes()), document.id()))
                .collect(Collectors.joining(", "));
    }

    private void schemas(Findings findings) {
        title("Schemas");
        schema("in force", findings.activeSchema(),
                "the deployment refuses those changes, and the run puts them into quarantine");
        schema("being deployed", findings.pendingSchema(), "the run would make that deploy fail");
    }

    private void schema(String name, SchemaReport schema, String consequence) {
        if (schema.state() != SchemaState.CHECKED) {
            line("  %s: %s".formatted(name, schema.state().meaning()));
            return;
        }
        if (schema.changed() + schema.unchanged() == 0) {
            line("  %s: accepts every result".formatted(name));
            return;
        }
        line(colours.warning("  %s: does not accept %s that would be changed (%s) and %s as they are".formatted(name,
                ReportWords.documents(schema.changed()), consequence, ProgressText.number(schema.unchanged()))));
        schema.first().stream().limit(MAX_MISFITS).forEach(misfit -> line("    %s  '%s' must be %s and is %s".formatted(
                misfit.id(), Printable.text(misfit.field()), Printable.text(misfit.expected()),
                Printable.text(misfit.found()))));
    }

    private void estimate(RehearsalReport report) {
        RunEstimate estimate = report.estimate();
        title(estimate.isExact() ? "What the run would take" : "What the run would take, about");
        line("  %s to be %s, %s into quarantine%s".formatted(ReportWords.documents(estimate.changed()),
                ReportWords.written(report),
                ProgressText.number(estimate.quarantined()),
                estimate.failing() > 0 ? ", and it would fail" : ""));
        line("  %s function calls: %s pages, %s chunks, %s to settle, and those that begin it".formatted(
                ProgressText.number(estimate.functionCalls()), ProgressText.number(estimate.pages()),
                ProgressText.number(estimate.chunks()), ProgressText.number(estimate.settlements())));
        line("  %s read from the database, %s written to it".formatted(ProgressText.bytes(estimate.bytesRead()),
                ProgressText.bytes(estimate.bytesWritten())));
        line("  %s of journal in the repository, by which the run can be undone".formatted(
                ProgressText.bytes(estimate.journalBytes())));
        line("  " + ReportWords.duration(estimate));
        ConvexPrices.ALL.forEach(prices -> line("  " + ReportWords.price(prices, estimate)));
        line("  " + ReportWords.priceNote());
    }
}
