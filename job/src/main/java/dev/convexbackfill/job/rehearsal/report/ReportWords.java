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

import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.rehearsal.ConvexPrices;
import dev.convexbackfill.job.rehearsal.RehearsalReport;
import dev.convexbackfill.job.rehearsal.RehearsalReport.Counts;
import dev.convexbackfill.job.rehearsal.RunEstimate;
import dev.convexbackfill.job.rehearsal.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a report says in sentences, wherever it is shown. */
final class ReportWords {

    /** Of a confidence of 95 % on one side, in standard deviations. */
    private static final double Z = 1.645;

    private ReportWords() {}

    static String scope(RehearsalReport report) {
        String read = ProgressText.number(report.findings().counts().read());
        String of = report.tableDocuments().isPresent()
                ? " of " + ProgressText.number(report.tableDocuments().getAsLong())
                : "";
        return switch (report.scope()) {
            case Scope.All _ when report.isWhole() -> "all %s documents".formatted(read);
            case Scope.All _ -> "the first %s%s documents that were read".formatted(read, of);
            case Scope.Sample _ -> "a sample of %s%s documents".formatted(read, of);
        };
    }

    /** What the report can't say, in sentences; empty if every document was read. */
    static List<String> caveats(RehearsalReport report) {
        List<String> caveats = new ArrayList<>();
        Counts counts = report.findings().counts();
        report.runCaveats().forEach(caveat -> caveats.add("Mind that the run %s.".formatted(caveat)));
        if (report.isSearched()) {
            caveats.add(
                    "The plan selects by an index. The rehearsal has read the whole table, and counts documents outside"
                            + " the selection as unchanged; the run searches the index and reads what it finds, so what it takes"
                            + " differs.");
        }
        if (report.stopped() != null) {
            caveats.add("This report is partial: the rehearsal was stopped (%s) before it had read everything."
                    .formatted(report.stopped()));
        }
        if (report.scope() instanceof Scope.Sample && counts.read() > 0) {
            long unable = counts.quarantined() + counts.failing();
            caveats.add(
                    ("A sample proves nothing about documents that are not in it: rare values, the largest document and"
                            + " rare failures may be missing. %s in it can't be changed; with 95 %% confidence that is true"
                            + " of at most %s of the table%s. Leave out --sample to know.")
                            .formatted(unable == 0 ? "No document" : documents(unable),
                                    percent(upperBound(unable, counts.read())),
                                    report.tableDocuments().isPresent()
                                            ? ", about %s"
                                                    .formatted(documents(Math.round(upperBound(unable, counts.read())
                                                            * report.tableDocuments().getAsLong())))
                                            : ""));
        }
        return caveats;
    }

    /** What becomes of documents that the run writes, in a word such as "changed" or "deleted". */
    static String written(RehearsalReport report) {
        return report.write().participle();
    }

    /** What the pairs of a report show. */
    static String pairs(RehearsalReport report) {
        return report.write() instanceof Write.Call(FunctionPath mutation)
                ? "for which '%s' would be called, with what for".formatted(mutation)
                : "that would be changed";
    }

    static boolean isDeletion(RehearsalReport report) {
        return report.write() instanceof Write.Delete;
    }

    static String documents(long number) {
        return number == 1 ? "1 document" : ProgressText.number(number) + " documents";
    }

    /** Wilson's upper bound of a share of which {@code hits} of {@code of} were seen. */
    static double upperBound(long hits, long of) {
        double share = hits / (double) of;
        double centre = share + Z * Z / (2 * of);
        double spread = Z * Math.sqrt(share * (1 - share) / of + Z * Z / (4.0 * of * of));
        return Math.min(1, (centre + spread) / (1 + Z * Z / of));
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, share < 0.001 ? "%.3f %%" : "%.1f %%", share * 100);
    }

    /** How long the run takes, in a sentence. */
    static String duration(RunEstimate estimate) {
        @Nullable
        Duration atThrottle = estimate.atThrottle();
        @Nullable
        Duration atReadSpeed = estimate.atReadSpeed();
        String throttle = atThrottle == null ? "the plan has no rate"
                : "%s at the plan's rates".formatted(ProgressText.duration(atThrottle));
        String reading = atReadSpeed == null ? "how fast reading goes was not measured"
                : "reading alone takes %s at the speed of this rehearsal".formatted(ProgressText.duration(atReadSpeed));
        @Nullable
        Duration least = estimate.atLeast();
        return "%s: %s; %s. How fast the deployment writes is seen only in the run.".formatted(
                least == null ? "Not known" : "At least " + ProgressText.duration(least), throttle, reading);
    }

    static String price(ConvexPrices prices, RunEstimate estimate) {
        double price = prices.of(estimate.functionCalls(), estimate.bytesRead() + estimate.bytesWritten());
        return "%s: %s, if the month's %s calls and %d GB that it includes are used up".formatted(prices.plan(),
                price < 0.01 ? "less than $0.01" : String.format(Locale.ROOT, "$%,.2f", price),
                ProgressText.number(prices.callsIncluded()), prices.gigabytesIncluded());
    }

    static String priceNote() {
        return "An estimate, for US regions, by %s as of %s; without conflicts, retries and the app's own indexes."
                .formatted(ConvexPrices.SOURCE, ConvexPrices.AS_OF);
    }
}
