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
package dev.convexbackfill.local.limits;

/** Numbers of bytes as Convex's messages write them. */
public final class ByteSize {

    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
    private static final int STEP = 1024;

    private ByteSize() {}

    /** As in {@code 16 MiB} or {@code 1.25 KiB}, with at most two digits after the point. */
    public static String text(long bytes) {
        double number = bytes;
        int unit = 0;
        while (number >= STEP && unit < UNITS.length - 1) {
            number /= STEP;
            unit++;
        }
        long hundredths = Math.round(number * 100);
        String fraction = hundredths % 100 == 0 ? ""
                : hundredths % 10 == 0 ? ".%d".formatted(hundredths % 100 / 10)
                        : ".%02d".formatted(hundredths % 100);
        return "%d%s %s".formatted(hundredths / 100, fraction, UNITS[unit]);
    }
}
