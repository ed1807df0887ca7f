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

/**
 * What one transaction may read, write and schedule. Source: {@code crates/common/src/knobs.rs} of the Convex backend.
 *
 * @param documentsRead       documents that scans and lookups return, also those that a write reads first
 * @param bytesRead           their size
 * @param rangesRead          separate index ranges, also of one key
 * @param documentsWritten    writes, two of one document counting twice
 * @param bytesWritten        the size of what is written
 * @param functionsScheduled  calls that are to be made later
 * @param scheduledArgsBytes  the size of their arguments together
 */
public record TransactionLimits(int documentsRead, long bytesRead, int rangesRead, int documentsWritten,
        long bytesWritten, int functionsScheduled, long scheduledArgsBytes) {

    private static final int MAX_SCHEDULED = 1000;
    private static final long MAX_SCHEDULED_ARGS = 16L << 20;

    /** What Convex enforces on every deployment. */
    public static final TransactionLimits CONVEX = new TransactionLimits(32_000, 16L << 20, 4096, 16_000, 16L << 20);

    /** No limits, for loading data. */
    public static final TransactionLimits NONE = new TransactionLimits(Integer.MAX_VALUE, Long.MAX_VALUE,
            Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE);

    /** With Convex's limits of what may be scheduled. */
    public TransactionLimits(int documentsRead, long bytesRead, int rangesRead, int documentsWritten,
            long bytesWritten) {
        this(documentsRead, bytesRead, rangesRead, documentsWritten, bytesWritten, MAX_SCHEDULED, MAX_SCHEDULED_ARGS);
    }
}
