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

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows a run's progress: a bar that moves on a terminal, a line every few seconds in a pipe. For one thread. Closing it
 * leaves the last state standing; closing it twice is harmless.
 */
public abstract sealed class ProgressDisplay implements AutoCloseable {

    private final ProgressRate rate = new ProgressRate();

    /** A display on {@code out}. */
    public static ProgressDisplay on(PrintStream out, boolean isTerminal, String run) {
        return isTerminal ? new Bar(out, run) : new Lines(out, run);
    }

    /** Shows where the run is. {@code waitingFor} says what holds it up, if anything does. */
    public final void show(RunProgress progress, @Nullable String waitingFor) {
        show(progress.fraction(), progress.counts().read(),
                ProgressText.counts(progress.run(), progress.counts()), waitingFor);
    }

    /**
     * Shows how far something is.
     *
     * @param fraction   from 0 to 1
     * @param read       documents so far
     * @param counts     what became of them, in words
     * @param waitingFor what holds it up; null if nothing does
     */
    public final void show(double fraction, long read, String counts, @Nullable String waitingFor) {
        rate.add(System.nanoTime(), read, fraction);
        String left = rate.left().filter(_ -> fraction < 1)
                .map(duration -> ", " + ProgressText.duration(duration) + " left").orElse("");
        draw(fraction, "%s, %s documents/s%s%s".formatted(counts, ProgressText.number(Math.round(rate.now())), left,
                waitingFor == null ? "" : " - waiting: " + waitingFor));
    }

    protected abstract void draw(double fraction, String text);

    /** Documents read in a second, since the first look. */
    public final double documentsPerSecond() {
        return rate.overall();
    }

    /** The time since the first look. */
    public final Duration elapsed() {
        return rate.elapsed();
    }

    @Override
    public abstract void close();

    private static final class Bar extends ProgressDisplay {

        private static final int STEPS = 1000;

        private final ProgressBar bar;
        private boolean isClosed;

        Bar(PrintStream out, String run) {
            this.bar = new ProgressBarBuilder()
                    .setTaskName(run)
                    .setInitialMax(STEPS)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(250)
                    .hideEta()
                    .setConsumer(new ConsoleProgressBarConsumer(out, 160))
                    .build();
        }

        @Override
        protected void draw(double fraction, String text) {
            bar.stepTo(Math.round(fraction * STEPS));
            bar.setExtraMessage(text);
        }

        @Override
        public void close() {
            // the library would draw the bar once more
            if (!isClosed) {
                isClosed = true;
                bar.close();
            }
        }
    }

    private static final class Lines extends ProgressDisplay {

        private static final Duration INTERVAL = Duration.ofSeconds(3);

        private final PrintStream out;
        private final String run;
        private long lastNanos = System.nanoTime() - INTERVAL.toNanos();

        Lines(PrintStream out, String run) {
            this.out = out;
            this.run = run;
        }

        @Override
        protected void draw(double fraction, String text) {
            if (System.nanoTime() - lastNanos >= INTERVAL.toNanos()) {
                lastNanos = System.nanoTime();
                out.println(String.format(Locale.ROOT, "%s: %.1f %%, %s", run, fraction * 100, text));
            }
        }

        @Override
        public void close() {
            out.flush();
        }
    }
}
