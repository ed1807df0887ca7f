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

import dev.convexbackfill.job.rehearsal.ConvexPrices;
import dev.convexbackfill.job.rehearsal.RehearsalReport;
import dev.convexbackfill.job.rehearsal.RehearsalReport.Counts;
import dev.convexbackfill.job.rehearsal.RehearsalReport.Findings;
import dev.convexbackfill.job.rehearsal.RehearsalReport.SchemaReport;
import dev.convexbackfill.job.rehearsal.RehearsalReport.SizedDocument;
import dev.convexbackfill.job.rehearsal.RunEstimate;
import dev.convexbackfill.job.rehearsal.Scope;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The report for machines. The names are an interface: they stay. */
public final class JsonReport {

    private JsonReport() {}

    /** Maps, lists, strings, numbers, booleans, nulls, and documents of Convex. */
    public static Map<String, @Nullable Object> of(RehearsalReport report) {
        Findings findings = report.findings();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("plan", report.plan());
        json.put("table", report.table());
        json.put("write", report.write().text());
        json.put("deployment", report.deployment());
        json.put("sample", report.scope() instanceof Scope.Sample(int documents) ? documents : null);
        json.put("seed", report.seed());
        json.put("isWhole", report.isWhole());
        json.put("stopped", report.stopped());
        json.put("tableDocuments", report.tableDocuments().isPresent() ? report.tableDocuments().getAsLong() : null);
        json.put("caveats", ReportWords.caveats(report));
        Counts counts = findings.counts();
        json.put("read", counts.read());
        json.put("changed", counts.changed());
        json.put("unchanged", counts.unchanged());
        json.put("quarantined", counts.quarantined());
        json.put("failing", counts.failing());
        json.put("reasons", findings.reasons().stream().map(group -> map("reason", group.reason().name(), "shape",
                group.shape(), "documents", group.documents(), "example", group.example(), "ids", group.ids()))
                .toList());
        json.put("failingDocuments", findings.failing().stream()
                .map(failing -> map("id", failing.id(), "message", failing.message())).toList());
        json.put("fields", findings.fields().stream().map(field -> map("field", field.field(), "set", field.set(),
                "unset", field.unset(), "typeChanged", field.typeChanged(), "before", field.before(), "after",
                field.after())).toList());
        json.put("fieldsLeftOut", findings.fieldsLeftOut());
        json.put("pairs", findings.pairs().stream()
                .map(pair -> map("id", pair.id(), "before", pair.before(), "after", pair.after())).toList());
        json.put("largestBefore", sizes(findings.largestBefore()));
        json.put("largestAfter", sizes(findings.largestAfter()));
        json.put("tooLarge", findings.tooLarge());
        json.put("beyondLimits", findings.beyondLimits());
        json.put("activeSchema", schema(findings.activeSchema()));
        json.put("pendingSchema", schema(findings.pendingSchema()));
        json.put("estimate", estimate(report.estimate()));
        return json;
    }

    private static List<Map<String, @Nullable Object>> sizes(List<SizedDocument> documents) {
        return documents.stream().map(document -> map("id", document.id(), "bytes", document.bytes())).toList();
    }

    private static Map<String, @Nullable Object> schema(SchemaReport schema) {
        return map("state", schema.state().name(), "changed", schema.changed(), "unchanged", schema.unchanged(),
                "documents", schema.first().stream().map(misfit -> map("id", misfit.id(), "isChanged",
                        misfit.isChanged(), "field", misfit.field(), "expected", misfit.expected(), "found",
                        misfit.found())).toList());
    }

    private static Map<String, @Nullable Object> estimate(RunEstimate estimate) {
        return map("isExact", estimate.isExact(), "documents", estimate.documents(), "changed", estimate.changed(),
                "quarantined", estimate.quarantined(), "failing", estimate.failing(), "pages", estimate.pages(),
                "chunks", estimate.chunks(), "settlements", estimate.settlements(), "functionCalls",
                estimate.functionCalls(), "bytesRead", estimate.bytesRead(), "bytesWritten", estimate.bytesWritten(),
                "journalBytes", estimate.journalBytes(),
                "secondsAtThrottle", seconds(estimate.atThrottle()), "secondsAtReadSpeed",
                seconds(estimate.atReadSpeed()), "prices", map("source", ConvexPrices.SOURCE, "asOf",
                        ConvexPrices.AS_OF, "usDollars", ConvexPrices.ALL.stream().map(prices -> map("plan",
                                prices.plan(), "price", prices.of(estimate.functionCalls(),
                                        estimate.bytesRead() + estimate.bytesWritten())))
                                .toList()));
    }

    private static @Nullable Double seconds(@Nullable Duration duration) {
        return duration == null ? null : duration.toMillis() / 1000.0;
    }

    private static Map<String, @Nullable Object> map(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return map;
    }
}
