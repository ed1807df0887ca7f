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
package dev.convexbackfill.job.progress;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** How fast a run goes, over its last moments and since this process looks on. For one thread. */
final class ProgressRate {

    private static final Duration WINDOW = Duration.ofSeconds(10);

    private record Sample(long nanos, long read, double fraction) {}

    private final Deque<Sample> samples = new ArrayDeque<>();
    private Sample first = new Sample(0, 0, 0);
    private Sample last = first;

    void add(long nanos, long read, double fraction) {
        Sample sample = new Sample(nanos, read, fraction);
        if (samples.isEmpty()) {
            first = sample;
        }
        samples.add(sample);
        last = sample;
        while (samples.size() > 2 && nanos - samples.getFirst().nanos() > WINDOW.toNanos()) {
            samples.removeFirst();
        }
    }

    /** Documents read in a second, lately. */
    double now() {
        return rate(samples.isEmpty() ? first : samples.getFirst(), last);
    }

    /** Documents read in a second, since the first look. */
    double overall() {
        return rate(first, last);
    }

    Duration elapsed() {
        return Duration.ofNanos(last.nanos() - first.nanos());
    }

    private static double rate(Sample from, Sample to) {
        double seconds = (to.nanos() - from.nanos()) / 1e9;
        return seconds <= 0 ? 0 : (to.read() - from.read()) / seconds;
    }

    /** How long it takes if it goes on like this; empty while nobody can tell. */
    Optional<Duration> left() {
        Sample from = samples.isEmpty() ? first : samples.getFirst();
        double seconds = (last.nanos() - from.nanos()) / 1e9;
        double done = last.fraction() - from.fraction();
        if (seconds < 0.5 || done <= 0) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofMillis((long) ((1 - last.fraction()) / done * seconds * 1000)));
    }
}
