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

import dev.convexbackfill.job.history.SampleMerge;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.report.Chart.Series;
import dev.convexbackfill.job.report.Point.Waited;
import dev.convexbackfill.readerswriters.throttle.WaitReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What is shown of a run over time: as charts, and as the tables beside them, whose rows are fewer and longer. */
final class Charts {

    private static final int ROWS = 20;

    private final List<Point> points;

    Charts(List<Point> points) {
        this.points = points.stream().filter(point -> point.workedMillis() > 0).toList();
    }

    /** A few rows for all of the run. */
    static List<Point> atMost(int rows, List<Point> points) {
        return SampleMerge.atMost(rows, points.stream().map(Point::sample).toList()).stream().map(Point::of).toList();
    }

    /** For the template; none if there are no samples. */
    List<Map<String, Object>> all() {
        List<Map<String, Object>> charts = new ArrayList<>();
        if (points.isEmpty()) {
            return charts;
        }
        Chart chart = new Chart(points);
        List<Point> rows = atMost(ROWS, points);
        charts.add(chart.of("throughput", "Documents read per second", "documents/s",
                List.of(new Series("documents/s", "s0", point -> perSecond(point, point.read()))),
                List.of("From", "Worked", "Read", "Documents/s"),
                rows.stream().map(row -> row(row, ProgressText.number(row.read()),
                        Chart.number(perSecond(row, row.read())))).toList()));
        charts.add(chart.of("conflicts", "Conflicts per second", "conflicts/s",
                List.of(new Series("conflicts/s", "s1", point -> perSecond(point, point.conflicts()))),
                List.of("From", "Worked", "Conflicts", "Quarantined"),
                rows.stream().map(row -> row(row, ProgressText.number(row.conflicts()),
                        ProgressText.number(row.quarantined()))).toList()));
        charts.add(waits(chart, rows));
        if (points.stream().anyMatch(point -> point.calls() > 0)) {
            charts.add(chart.of("latency", "How long the deployment took to answer", "ms",
                    List.of(new Series("mean", "s5", Charts::mean),
                            new Series("longest", "s8",
                                    point -> Math.max(0, point.longestCallMillis() - mean(point)))),
                    List.of("From", "Worked", "Calls", "Mean, ms", "Longest, ms"),
                    rows.stream().map(row -> row(row, ProgressText.number(row.calls()), Chart.number(mean(row)),
                            ProgressText.number(row.longestCallMillis()))).toList()));
        }
        return charts;
    }

    private Map<String, Object> waits(Chart chart, List<Point> rows) {
        Set<WaitReason> reasons = EnumSet.noneOf(WaitReason.class);
        points.forEach(point -> point.waits().forEach(wait -> reasons.add(wait.reason())));
        List<Series> series = reasons.stream().map(reason -> new Series(reason.meaning(), colour(reason),
                point -> perSecond(point, millis(point, reason)) / 1000)).toList();
        List<String> columns = new ArrayList<>(List.of("From", "Worked"));
        reasons.forEach(reason -> columns.add(reason.meaning()));
        return chart.of("waits", "Threads waiting, by reason", "threads", series, columns,
                rows.stream().map(row -> row(row, reasons.stream()
                        .map(reason -> ProgressText.duration(Duration.ofMillis(millis(row, reason))))
                        .toArray(String[]::new))).toList());
    }

    /** The same in every report. */
    private static String colour(WaitReason reason) {
        return switch (reason) {
            case PLAN_DOCUMENTS -> "s0";
            case RATE_LIMITED -> "s1";
            case OVERLOADED -> "s2";
            case PLAN_BYTES -> "s3";
            case CONFLICTS -> "s4";
            case PLAN_CONCURRENCY -> "s5";
            case UNREACHABLE -> "s6";
            case PAUSED -> "s7";
            case ANSWER_LOST -> "s8";
        };
    }

    static long millis(Point point, WaitReason reason) {
        return point.waits().stream().filter(wait -> wait.reason() == reason).mapToLong(Waited::millis).sum();
    }

    static double perSecond(Point point, long number) {
        return point.workedMillis() == 0 ? 0 : number * 1000.0 / point.workedMillis();
    }

    static double mean(Point point) {
        return point.calls() == 0 ? 0 : point.callMillis() / (double) point.calls();
    }

    private static List<String> row(Point point, String... cells) {
        List<String> row = new ArrayList<>(List.of(Chart.time(point.from()),
                ProgressText.duration(Duration.ofMillis(point.workedMillis()))));
        row.addAll(List.of(cells));
        return row;
    }

    /** A part of a whole, for the width of a bar. */
    static String percent(long part, long whole) {
        return String.format(Locale.ROOT, "%.2f", whole == 0 ? 0 : part * 100.0 / whole);
    }
}
