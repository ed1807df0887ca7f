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

import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import java.time.Duration;
import java.util.Locale;

/** Progress in words. */
public final class ProgressText {

    private ProgressText() {}

    /** A number with separators, the same in every locale. */
    public static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** What became of the documents of a run, in one line. */
    public static String counts(Run run, Counts counts) {
        if (run.kind() instanceof RunKind.Verification) {
            return "%s looked at, %s changed by the run, %s gone, %s in quarantine".formatted(number(counts.read()),
                    number(counts.changed()), number(counts.deleted()), number(counts.quarantined()));
        }
        return "%s read, %s %s, %s unchanged, %s conflicts, %s quarantined".formatted(number(counts.read()),
                number(counts.changed()), run.participle(), number(counts.unchanged()), number(counts.conflicts()),
                number(counts.quarantined()));
    }

    /** A size in bytes, in the unit that suits it. */
    public static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        double size = bytes / 1024.0;
        int unit = 0;
        while (size >= 1024 && unit < units.length - 1) {
            size /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", size, units[unit]);
    }

    /** From seconds to days, in two units at most. */
    public static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return "%d min %d s".formatted(seconds / 60, seconds % 60);
        }
        return seconds < 86_400 ? "%d h %d min".formatted(seconds / 3600, seconds % 3600 / 60)
                : "%d d %d h".formatted(seconds / 86_400, seconds % 86_400 / 3600);
    }
}
