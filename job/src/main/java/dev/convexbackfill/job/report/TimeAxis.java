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

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Where points of time lie in a chart. Its length is time worked: a night in which nothing executed the run is a narrow band,
 * and does not press all else to the edge.
 *
 * @param spans of the points, in their order
 * @param gaps  in which nothing executed the run
 */
record TimeAxis(List<Span> spans, List<Gap> gaps) {

    /** Of the whole width, for one gap, and for all together. */
    private static final double GAP = 0.03;
    private static final double ALL_GAPS = 0.2;
    private static final Duration NO_GAP = Duration.ofSeconds(1);

    TimeAxis {
        spans = List.copyOf(spans);
        gaps = List.copyOf(gaps);
    }

    /** From one place to another. */
    record Span(double from, double to) {}

    /** A time without work. */
    record Gap(Span span, Instant from, Instant to) {}

    static TimeAxis of(List<Point> points, double left, double right) {
        long worked = points.stream().mapToLong(Point::workedMillis).sum();
        int gaps = 0;
        for (int i = 1; i < points.size(); i++) {
            gaps += isGap(points.get(i - 1), points.get(i)) ? 1 : 0;
        }
        double gapWidth = gaps == 0 ? 0 : (right - left) * Math.min(GAP, ALL_GAPS / gaps);
        double perMilli = worked == 0 ? 0 : (right - left - gaps * gapWidth) / worked;
        List<Span> spans = new ArrayList<>();
        List<Gap> between = new ArrayList<>();
        double x = left;
        for (int i = 0; i < points.size(); i++) {
            Point point = points.get(i);
            if (i > 0 && isGap(points.get(i - 1), point)) {
                between.add(new Gap(new Span(x, x + gapWidth), points.get(i - 1).to(), point.from()));
                x += gapWidth;
            }
            spans.add(new Span(x, x + point.workedMillis() * perMilli));
            x += point.workedMillis() * perMilli;
        }
        return new TimeAxis(spans, between);
    }

    private static boolean isGap(Point before, Point after) {
        return Duration.between(before.to(), after.from()).compareTo(NO_GAP) > 0;
    }
}
