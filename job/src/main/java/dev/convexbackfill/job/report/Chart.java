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
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Something over time, as the macro {@code chart} of {@code page.ftlh} draws it: columns, several upon each other where there are several series. */
final class Chart {

    private static final int WIDTH = 860;
    private static final int HEIGHT = 190;
    private static final int LEFT = 62;
    private static final int RIGHT = WIDTH - 12;
    private static final int TOP = 10;
    private static final int PLOT = HEIGHT - TOP - 24;
    private static final int LINES = 4;
    private static final int TIMES = 5;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DATE_AND_TIME = DateTimeFormatter
            .ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final List<Point> points;
    private final TimeAxis axis;

    /**
     * What is drawn in one colour.
     *
     * @param kind  the class of its colour
     * @param value of a point; what is below it is added by the chart
     */
    record Series(String name, String kind, ToDoubleFunction<Point> value) {}

    /** {@code points} are the times of all charts that are made. */
    Chart(List<Point> points) {
        this.points = points;
        this.axis = TimeAxis.of(points, LEFT, RIGHT);
    }

    /** A moment for people. */
    static String time(Instant instant) {
        return DATE_AND_TIME.format(instant) + " UTC";
    }

    /**
     * A chart.
     *
     * @param unit of the values
     * @param rows of the table beside it, each with as many cells as {@code columns}
     */
    Map<String, Object> of(String id, String title, String unit, List<Series> series, List<String> columns,
            List<List<String>> rows) {
        double most = points.stream().mapToDouble(point -> sum(series, point)).max().orElse(0);
        double step = step(most / LINES);
        double top = Math.max(step, Math.ceil(most / step) * step);
        String description = "From %s to %s; at most %s %s. %s".formatted(time(points.getFirst().from()),
                time(points.getLast().to()), number(most), unit,
                axis.gaps().isEmpty() ? "" : "Nothing executed the run in %d times.".formatted(axis.gaps().size()))
                .strip();
        List<Map<String, String>> drawn = new ArrayList<>();
        double[] below = new double[points.size()];
        for (Series one : series) {
            drawn.add(Map.of("name", one.name(), "kind", one.kind(), "path", path(one, below, top)));
        }
        return Map.ofEntries(Map.entry("id", id), Map.entry("title", title), Map.entry("description", description),
                Map.entry("width", text(WIDTH)), Map.entry("height", text(HEIGHT)), Map.entry("left", text(LEFT)),
                Map.entry("right", text(RIGHT)), Map.entry("top", text(TOP)), Map.entry("plot", text(PLOT)),
                Map.entry("series", drawn), Map.entry("gaps", gaps()), Map.entry("x", times()),
                Map.entry("y", lines(step, top, unit)), Map.entry("columns", columns), Map.entry("rows", rows));
    }

    private static double sum(List<Series> series, Point point) {
        return series.stream().mapToDouble(one -> one.value().applyAsDouble(point)).sum();
    }

    private String path(Series series, double[] below, double top) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < points.size(); i++) {
            double value = series.value().applyAsDouble(points.get(i));
            if (value > 0) {
                TimeAxis.Span span = axis.spans().get(i);
                path.append("M%s %sV%sH%sV%sZ".formatted(text(span.from()), text(y(below[i], top)),
                        text(y(below[i] + value, top)), text(span.to()), text(y(below[i], top))));
                below[i] += value;
            }
        }
        return path.toString();
    }

    private static double y(double value, double top) {
        return TOP + PLOT * (1 - value / top);
    }

    private List<Map<String, String>> gaps() {
        return axis.gaps().stream().map(gap -> Map.of("x", text(gap.span().from()), "width",
                text(gap.span().to() - gap.span().from()), "text",
                "Nothing executed the run from %s to %s".formatted(time(gap.from()), time(gap.to())))).toList();
    }

    private List<Map<String, String>> times() {
        List<Map<String, String>> times = new ArrayList<>();
        times.add(Map.of("at", text(LEFT), "anchor", "start", "text", TIME.format(points.getFirst().from())));
        double free = (RIGHT - LEFT) / (double) TIMES;
        double next = LEFT + free;
        for (int i = 1; i < points.size(); i++) {
            double x = axis.spans().get(i).from();
            if (x >= next && x < RIGHT - free / 2) {
                times.add(Map.of("at", text(x), "anchor", "middle", "text", TIME.format(points.get(i).from())));
                next = x + free;
            }
        }
        times.add(Map.of("at", text(RIGHT), "anchor", "end", "text", TIME.format(points.getLast().to())));
        return times;
    }

    private static List<Map<String, String>> lines(double step, double top, String unit) {
        List<Map<String, String>> lines = new ArrayList<>();
        for (double value = 0; value <= top + step / 2; value += step) {
            lines.add(Map.of("at", text(y(value, top)), "text", number(value) + (unit.equals("%") ? " %" : "")));
        }
        return lines;
    }

    /** One, two or five, with noughts. */
    private static double step(double least) {
        if (least <= 0) {
            return 1;
        }
        double unit = Math.pow(10, Math.floor(Math.log10(least)));
        for (double factor : new double[]{1, 2, 5}) {
            if (least <= factor * unit) {
                return factor * unit;
            }
        }
        return 10 * unit;
    }

    /** With as many digits as people can use. */
    static String number(double number) {
        return number >= 10 || number == Math.rint(number) ? ProgressText.number(Math.round(number))
                : String.format(Locale.ROOT, "%.2f", number);
    }

    private static String text(double number) {
        String text = String.format(Locale.ROOT, "%.1f", number);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
