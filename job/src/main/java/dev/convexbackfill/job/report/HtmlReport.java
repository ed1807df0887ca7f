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

import dev.convexbackfill.job.page.HtmlPage;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.rehearsal.report.Printable;
import dev.convexbackfill.job.report.Report.ExecutionFacts;
import dev.convexbackfill.job.report.Report.Found;
import dev.convexbackfill.readerswriters.journal.FieldChange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The report as a page that stands alone. What the template gets are words, so that it decides about nothing but looks. */
public final class HtmlReport {

    private static final String TEMPLATE = "report/report.ftlh";

    private HtmlReport() {}

    /** A whole HTML document. */
    public static String of(Report report) {
        Map<String, Object> printable = new LinkedHashMap<>();
        model(report).forEach((name, value) -> printable.put(name, printable(value)));
        return HtmlPage.of(TEMPLATE, printable);
    }

    private static Map<String, Object> model(Report report) {
        long read = report.documents().read();
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("title", ReportWords.title(report.run()));
        model.put("fine", ReportWords.isFine(report));
        model.put("result", ReportWords.result(report));
        model.put("caveats", ReportWords.caveats(report));
        model.put("facts", ReportWords.facts(report).stream()
                .map(line -> Map.of("name", line.name(), "value", line.value())).toList());
        model.put("planText", report.plan().text().strip());
        model.put("counts", ReportWords.counts(report).stream().map(count -> Map.of("name", count.name(), "kind",
                count.kind(), "documents", ProgressText.number(count.documents()), "percent",
                Charts.percent(Math.min(count.documents(), read), read), "meaning", count.meaning())).toList());
        model.put("speed", ReportWords.speed(report.speed()));
        model.put("charts", new Charts(report.samples()).all());
        model.put("executions", report.executions().stream().map(HtmlReport::execution).toList());
        model.put("executionsLeftOut", leftOut(report.executionsLeftOut()));
        fields(report, model);
        model.put("groups", report.quarantine().groups().stream().map(group -> Map.of("documents",
                ProgressText.number(group.documents()), "reason", group.reason().name().toLowerCase(Locale.ROOT),
                "shape", group.shape(), "example", group.example(), "ids",
                group.ids())).toList());
        model.put("quarantineNow", ReportWords.quarantineNow(report));
        found(report, model);
        family(report, model);
        return model;
    }

    /** With all that steers taken out of its texts, but for the ends of lines. */
    private static Object printable(Object value) {
        return switch (value) {
            case String text -> String.join("\n", text.lines().map(Printable::text).toList());
            case List<?> list -> list.stream().map(HtmlReport::printable).toList();
            case Map<?, ?> map -> {
                Map<String, Object> printable = new LinkedHashMap<>();
                map.forEach((name, of) -> printable.put(String.valueOf(name), printable(of)));
                yield printable;
            }
            default -> value;
        };
    }

    private static String leftOut(long number) {
        return number == 0 ? "" : ProgressText.number(number);
    }

    private static Map<String, String> execution(ExecutionFacts one) {
        return Map.of("number", Integer.toString(one.number()), "process", one.process(), "program",
                one.program(), "began", Chart.time(one.beganAt()), "ending",
                ReportWords.ending(one));
    }

    private static void fields(Report report, Map<String, Object> model) {
        long most = report.fields().changes().stream().mapToLong(FieldChange::documents).max().orElse(0);
        model.put("fieldsKnown", report.fields().known());
        model.put("fieldsUnknown", ReportWords.fieldsUnknown(report));
        model.put("fields", report.fields().changes().stream().map(field -> Map.of("name",
                field.field(), "added", ProgressText.number(field.added()), "removed",
                ProgressText.number(field.removed()), "changed", ProgressText.number(field.changed()), "typeChanged",
                ProgressText.number(field.typeChanged()), "percent", Charts.percent(field.documents(), most)))
                .toList());
        model.put("fieldsLeftOut", leftOut(report.fields().leftOut()));
    }

    private static void found(Report report, Map<String, Object> model) {
        Found found = report.found();
        model.put("isVerification", found != null);
        model.put("sampled", found != null && found.sample() != null);
        model.put("kinds", found == null ? List.of()
                : found.kinds().stream().map(kind -> Map.of("kind", kind.kind().name(), "meaning", kind.meaning(),
                        "wrong", kind.wrong(), "number", ProgressText.number(kind.number()))).toList());
        model.put("mismatches", found == null ? List.of()
                : found.first().stream().map(one -> Map.of("document", ReportWords.orEmpty(one.document()), "kind",
                        one.kind().name(), "field", ReportWords.orEmpty(one.field()))).toList());
    }

    private static void family(Report report, Map<String, Object> model) {
        Report.Family family = report.family();
        model.put("verdict", ReportWords.verdict(report));
        model.put("verifications", family.verifications().stream().map(
                one -> Map.of("name", one.name(), "text", ReportWords.verification(one))).toList());
        model.put("replays", family.replays().stream().map(HtmlReport::relative).toList());
        model.put("rollbacks", family.rollbacks().stream().map(HtmlReport::relative).toList());
        model.put("journalDropped", family.journalDropped());
        model.put("next", family.next().stream()
                .map(next -> Map.of("what", next.what(), "command", next.command())).toList());
    }

    private static Map<String, String> relative(Report.Relative one) {
        return Map.of("name", one.name(), "state", one.state().name(), "text",
                ReportWords.relative(one.documents()));
    }
}
