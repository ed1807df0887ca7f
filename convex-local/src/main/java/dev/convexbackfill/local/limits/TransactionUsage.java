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
 * What one transaction has read and written. Counts before it checks, as Convex does: after a limit is broken, every further
 * operation of its kind fails too. Not thread-safe.
 */
public final class TransactionUsage {

    private static final String HELP = " Consider using smaller limits in your queries, paginating your queries, or using"
            + " indexed queries with a selective index range expressions.";

    private final TransactionLimits limits;
    private int documentsRead;
    private long bytesRead;
    private int documentsWritten;
    private long bytesWritten;

    public TransactionUsage(TransactionLimits limits) {
        this.limits = limits;
    }

    /** Throws {@link LimitExceededException}. */
    public void read(long bytes) {
        documentsRead++;
        bytesRead += bytes;
        if (documentsRead > limits.documentsRead()) {
            throw new LimitExceededException("Too many documents read in a single function execution (limit: %d).%s"
                    .formatted(limits.documentsRead(), HELP));
        }
        if (bytesRead > limits.bytesRead()) {
            throw new LimitExceededException("Too many bytes read in a single function execution (limit: %d bytes).%s"
                    .formatted(limits.bytesRead(), HELP));
        }
    }

    /** Checks the number of separate ranges read so far. Throws {@link LimitExceededException}. */
    public void ranges(int ranges) {
        if (ranges > limits.rangesRead()) {
            throw new LimitExceededException("Too many reads in a single function execution (limit: %d).%s"
                    .formatted(limits.rangesRead(), HELP));
        }
    }

    /** Throws {@link LimitExceededException}. */
    public void write(long bytes) {
        documentsWritten++;
        bytesWritten += bytes;
        if (documentsWritten > limits.documentsWritten()) {
            throw new LimitExceededException("Too many writes in a single function execution (limit: %d)"
                    .formatted(limits.documentsWritten()));
        }
        if (bytesWritten > limits.bytesWritten()) {
            throw new LimitExceededException("Too many bytes written in a single function execution (limit: %d bytes)"
                    .formatted(limits.bytesWritten()));
        }
    }
}
