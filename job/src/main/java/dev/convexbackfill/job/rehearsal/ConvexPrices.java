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
package dev.convexbackfill.job.rehearsal;

import java.util.List;

/**
 * What Convex charges for what a plan does not include. Source: https://docs.convex.dev/production/state/limits, as of
 * 22 August 2026; for regions in the US, others may cost more (EU: 1.3 times as much). Only what is used beyond the plan's
 * monthly amounts is charged, and the Free plan, which is not charged, ends where Starter begins to be.
 *
 * @param plan                 of Convex
 * @param perMillionCalls      US dollars for a million function calls
 * @param perGigabyte          US dollars for 10⁹ bytes between functions and the database
 * @param callsIncluded        function calls in a month
 * @param gigabytesIncluded    of the same bytes in a month
 */
public record ConvexPrices(String plan, double perMillionCalls, double perGigabyte, long callsIncluded,
        long gigabytesIncluded) {

    /** Where the numbers are from. */
    public static final String SOURCE = "https://docs.convex.dev/production/state/limits";
    /** When they were that. */
    public static final String AS_OF = "2026-08-22";

    /** The plans whose prices are public and the same for everybody. */
    public static final List<ConvexPrices> ALL = List.of(
            new ConvexPrices("Starter", 2.20, 0.22, 1_000_000, 1),
            new ConvexPrices("Professional", 2.00, 0.20, 25_000_000, 50));

    private static final double BYTES_PER_GIGABYTE = 1e9;

    /** US dollars for so much, if none of it is included any more. */
    public double of(long calls, long bytes) {
        return calls / 1e6 * perMillionCalls + bytes / BYTES_PER_GIGABYTE * perGigabyte;
    }
}
