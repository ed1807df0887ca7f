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

import dev.convexbackfill.job.page.HtmlPage;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/**
 * The report as a page that stands alone: it loads nothing, runs nothing, and shows what documents hold as text. What the
 * template gets are words, so that it decides about nothing but looks.
 */
public final class HtmlReport {

    private static final String TEMPLATE = "rehearsal/report/rehearsal.ftlh";
    private static final int MAX_VALUE = 2000;

    private HtmlReport() {}

    /** A whole HTML document. */
    public static String of(RehearsalReport report) {
        return HtmlPage.of(TEMPLATE, model(report));
    }

    private static Map<String, Object> model(RehearsalReport report) {
        Findings findings = report.findings();
        Counts counts = findings.counts();
        RunEstimate estimate = report.estimate();
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("plan", report.plan());
        model.put("table", report.table());
        model.put("deployment", report.deployment());
        model.put("scope", ReportWords.scope(report));
        model.put("seed", Long.toString(report.seed()));
        model.put("caveats", ReportWords.caveats(report));
        model.put("counts", List.of(count(ReportWords.written(report), counts.changed(), counts.read()),
                count("unchanged", counts.unchanged(), counts.read()),
                count("quarantined", counts.quarantined(), counts.read()),
                count("failing", counts.failing(), counts.read())));
        model.put("failing", findings.failing().stream()
                .map(failing -> Map.of("id", failing.id(), "message", Printable.text(failing.message()))).toList());
        model.put("reasons", findings.reasons().stream().map(group -> Map.of("documents",
                ProgressText.number(group.documents()), "reason", group.reason().name().toLowerCase(Locale.ROOT),
                "shape", Printable.text(group.shape()), "example", Printable.text(group.example()), "ids",
                group.ids())).toList());
        model.put("fields", findings.fields().stream().map(field -> field(field, counts.read())).toList());
        model.put("fieldsLeftOut", ProgressText.number(findings.fieldsLeftOut()));
        model.put("pairs", findings.pairs().stream().map(pair -> Map.of("id", pair.id(), "lines",
                DocumentDiff.lines(pair.before(), pair.after(), MAX_VALUE).stream().map(line -> Map.of("removed",
                        line.isRemoved(), "field", line.field(), "value", line.value())).toList()))
                .toList());
        model.put("largestBefore", sizes(findings.largestBefore()));
        model.put("largestAfter", sizes(findings.largestAfter()));
        model.put("beyondLimits", findings.beyondLimits() == 0 ? ""
                : "%s would be beyond Convex's limits, %s of them larger than 1 MiB.".formatted(
                        ReportWords.documents(findings.beyondLimits()), ProgressText.number(findings.tooLarge())));
        model.put("schemas", List.of(schema("In force", findings.activeSchema()),
                schema("Being deployed", findings.pendingSchema())));
        model.put("estimate", estimate(estimate));
        return model;
    }

    private static Map<String, Object> count(String name, long documents, long of) {
        return Map.of("name", name, "documents", ProgressText.number(documents), "percent", percent(documents, of));
    }

    private static String percent(long part, long whole) {
        return String.format(Locale.ROOT, "%.2f", whole == 0 ? 0 : part * 100.0 / whole);
    }

    private static Map<String, Object> field(FieldReport field, long documents) {
        return Map.of("name", Printable.text(field.field()), "touched", field.isTouched(), "set",
                ProgressText.number(field.set()), "unset", ProgressText.number(field.unset()), "typeChanged",
                ProgressText.number(field.typeChanged()), "before", types(field.before(), documents), "after",
                types(field.after(), documents));
    }

    private static List<Map<String, Object>> types(SortedMap<String, Long> types, long documents) {
        List<Map<String, Object>> all = new ArrayList<>();
        types.forEach((type, number) -> all.add(Map.of("type", type, "documents", ProgressText.number(number),
                "percent", percent(number, documents))));
        return all;
    }

    private static List<Map<String, Object>> sizes(List<SizedDocument> documents) {
        return documents.stream().map(document -> Map.<String, Object>of("id", document.id(), "size",
                ProgressText.bytes(document.bytes()))).toList();
    }

    private static Map<String, Object> schema(String name, SchemaReport schema) {
        return Map.of("name", name, "checked", schema.state() == SchemaState.CHECKED, "meaning",
                schema.state().meaning(), "misfits", schema.changed() + schema.unchanged() > 0, "changed",
                ProgressText.number(schema.changed()), "unchanged", ProgressText.number(schema.unchanged()),
                "documents", schema.first().stream().map(misfit -> Map.of("id", misfit.id(), "field",
                        Printable.text(misfit.field()), "expected", Printable.text(misfit.expected()), "found",
                        Printable.text(misfit.found()), "isChanged", misfit.isChanged())).toList());
    }

    private static Map<String, Object> estimate(RunEstimate estimate) {
        return Map.of("exact", estimate.isExact(), "lines", List.of(
                line("Documents", ProgressText.number(estimate.documents())),
                line("To change", ProgressText.number(estimate.changed())),
                line("Into quarantine", ProgressText.number(estimate.quarantined())),
                line("Function calls", ProgressText.number(estimate.functionCalls())),
                line("Pages", ProgressText.number(estimate.pages())),
                line("Chunks", ProgressText.number(estimate.chunks())),
                line("Calls to settle", ProgressText.number(estimate.settlements())),
                line("Read from the database", ProgressText.bytes(estimate.bytesRead())),
                line("Written to the database", ProgressText.bytes(estimate.bytesWritten())),
                line("Journal in the repository", ProgressText.bytes(estimate.journalBytes())),
                line("Duration", ReportWords.duration(estimate))), "prices",
                ConvexPrices.ALL.stream().map(prices -> ReportWords.price(prices, estimate)).toList(), "note",
                ReportWords.priceNote());
    }

    private static Map<String, String> line(String name, String value) {
        return Map.of("name", name, "value", value);
    }
}
